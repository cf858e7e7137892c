import { agentRun } from '../agents/run/tool.ts'
import { changelog } from './kinds/changelog.ts'
import { chatSend } from './kinds/chat-send.ts'
import { emailSend } from './kinds/email-send.ts'
import { format } from './kinds/format.ts'
import { httpJob } from './kinds/http-job.ts'
import { httpRequest } from './kinds/http-request.ts'
import { lint } from './kinds/lint.ts'
import { llmExtract } from './kinds/llm-extract.ts'
import { llmGenerate } from './kinds/llm-generate.ts'
import { memorySave } from './kinds/memory-save.ts'
import { template } from './kinds/template.ts'
import { transform } from './kinds/transform.ts'
import { wait } from './kinds/wait.ts'
import type { Tool } from './tool.ts'

/** The tools every instance has. */
export const TOOLS: readonly Tool[] = [
  changelog,
  format,
  lint,
  template,
  transform,
  httpRequest,
  httpJob,
  wait,
  llmGenerate,
  llmExtract,
  chatSend,
  emailSend,
  memorySave,
  agentRun,
]
