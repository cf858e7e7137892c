import type { z } from 'zod'
import { ADMIN_VIEWS } from './admin.ts'
import { AGENT_VIEWS } from './agents.ts'
import { AUTH_VIEWS } from './auth.ts'
import { BOARD_VIEWS, POLL_VIEWS } from './board.ts'
import { CHAT_VIEWS, OPS_VIEWS } from './chat.ts'
import { JOB_VIEWS } from './jobs.ts'
import { ME_VIEWS, NOTIFICATION_PAGE } from './me.ts'
import { MONEY_VIEWS } from './money.ts'
import { POLICY_VIEWS } from './policy.ts'
import { RESULT_VIEWS, RUN_VIEWS } from './runs.ts'
import { SCHEDULE_VIEWS } from './schedules.ts'
import { TEAM_VIEWS } from './teams.ts'
import { TOOL_VIEWS } from './tools.ts'
import { TRIGGER_VIEWS } from './triggers.ts'

/** Every shape that answers have, by its name in the document. Loaded only when somebody asks for the document. */
export const VIEWS = {
  ...AUTH_VIEWS,
  ...ME_VIEWS,
  ...NOTIFICATION_PAGE,
  ...TEAM_VIEWS,
  ...MONEY_VIEWS,
  ...POLICY_VIEWS,
  ...TOOL_VIEWS,
  ...JOB_VIEWS,
  ...RUN_VIEWS,
  ...RESULT_VIEWS,
  ...SCHEDULE_VIEWS,
  ...TRIGGER_VIEWS,
  ...AGENT_VIEWS,
  ...BOARD_VIEWS,
  ...POLL_VIEWS,
  ...CHAT_VIEWS,
  ...ADMIN_VIEWS,
  ...OPS_VIEWS,
}

export type ViewName = keyof typeof VIEWS

/** What a client gets under that name. */
export type View<Name extends ViewName> = z.output<(typeof VIEWS)[Name]>
