import type { AgentMetrics } from '#core/agents/read.ts'
import type { AgentView } from '#core/agents/view.ts'
import type { Part } from '#core/chat/message.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, count, dateTime, dollars, fields, heading } from '../replies.ts'

/** An agent, how it does, and what can be done with it. */
export function agentParts(agent: AgentView, metrics: AgentMetrics, timeZone: string): Part[] {
  const { name, role, status, lastSeenAt, profile } = agent
  const percent = (rate: number | null): string | undefined =>
    rate === null ? undefined : `${Math.round(rate * 100)} %`
  return [
    heading(name),
    fields({
      Role: role,
      Status: status,
      'Last seen': lastSeenAt === null ? 'never' : dateTime(lastSeenAt, timeZone),
      Hours: hoursWords(profile.workingHours),
      Tasks: `${count(metrics.tasks, 'task')}, ${metrics.done} done, ${count(metrics.runs, 'run')}`,
      'Good the first time': percent(metrics.firstPassRate),
      Cost: dollars(metrics.costUsd),
      'Time saved': metrics.minutesSaved === 0 ? undefined : savedWords(metrics),
    }),
    buttons(...agentButtons(agent)),
  ]
}

/** With what it is told by: nobody has measured it. */
const savedWords = ({ minutesSaved, assumptions: { taskMinutes, reviewMinutes } }: AgentMetrics): string =>
  `${minutesSaved} min, at ${taskMinutes} for a task and ${reviewMinutes} for a look at it`

function agentButtons({ id, status }: AgentView) {
  const button = (label: string, command: string) => ({ label, command: renderLine(command, { words: [id] }) })
  if (status === 'retired') return [button('Bring back', 'resumeagent')]
  return [
    ...(status === 'active'
      ? [button('Take the next task', 'nexttask'), button('Pause', 'pauseagent')]
      : [button('Resume', 'resumeagent')]),
    button('Retire', 'retireagent'),
  ]
}

function hoursWords(hours: AgentView['profile']['workingHours']): string | undefined {
  if (hours === null) return undefined
  return `${hours.hours.from}–${hours.hours.to} (${hours.timeZone})`
}
