import { ok } from 'node:assert'
import { agents, givetask, hire, matchtask, nexttask, pauseagent, resumeagent, retireagent } from './agents.ts'
import { showtask, task, tasks } from './board/tasks.ts'
import { checkitem, claim, move } from './board/work.ts'
import { cancel } from './cancel.ts'
import type { Command } from './command.ts'
import { connections } from './connections.ts'
import { mycontext, setcontext } from './context.ts'
import { fillin } from './fillin.ts'
import { helpOn } from './help.ts'
import { home } from './home.ts'
import { invitations, invitemember } from './invitations.ts'
import { job, jobs } from './jobs.ts'
import { decline, join } from './join.ts'
import { link } from './link.ts'
import { linkchat, unlinkchat } from './linkchat.ts'
import { members, removemember, setrole } from './members.ts'
import { memory } from './memory.ts'
import { allowmore, askmore, budgetrequests, declinemore } from './money/askmore.ts'
import { balance, statement, usage } from './money/balance.ts'
import { cap, creditline } from './money/limits.ts'
import { fund, grant, refund, repay } from './money/payments.ts'
import { notifications } from './notifications.ts'
import { policy } from './policy.ts'
import { proposed } from './proposed.ts'
import { publish, unpublish } from './publish.ts'
import { approve, reject, requestchanges } from './reviews/decide.ts'
import { answer, choose } from './reviews/respond.ts'
import { review, reviews } from './reviews/show.ts'
import { pauserule, removerule, resumerule, rulefires, rules } from './rules.ts'
import { confirm, quote, run } from './run.ts'
import { cancelrun, retry } from './run-control.ts'
import { log, runs, status } from './runs.ts'
import { explainschedule, hint, plan, planaction, plansource } from './schedule/planned.ts'
import { schedule } from './schedule.ts'
import { pause, resume, runnow, schedules, unschedule } from './schedules.ts'
import { start } from './start.ts'
import { deleteteam, leaveteam, renameteam, transferteam } from './team-changes.ts'
import { createteam, teaminfo, teams } from './teams.ts'
import { deliveries, pausetrigger, replaydelivery, resumetrigger, testtrigger, triggers } from './triggers.ts'
import { accept, exportCommand, variants } from './variants.ts'
import { consoleLink, whoami } from './whoami.ts'

/** Every command, in the order in which help and menus show them. */
export const COMMANDS: readonly Command[] = [
  start,
  helpOn(() => COMMANDS),
  whoami,
  link,
  consoleLink,
  notifications,
  cancel,
  fillin,
  proposed,
  home,
  mycontext,
  setcontext,
  linkchat,
  unlinkchat,
  createteam,
  teams,
  teaminfo,
  invitemember,
  invitations,
  join,
  decline,
  members,
  setrole,
  removemember,
  leaveteam,
  transferteam,
  renameteam,
  deleteteam,
  balance,
  statement,
  usage,
  fund,
  repay,
  cap,
  askmore,
  budgetrequests,
  allowmore,
  declinemore,
  creditline,
  grant,
  refund,
  jobs,
  job,
  run,
  quote,
  confirm,
  runs,
  status,
  log,
  cancelrun,
  retry,
  variants,
  accept,
  exportCommand,
  publish,
  unpublish,
  reviews,
  review,
  approve,
  reject,
  requestchanges,
  choose,
  answer,
  schedule,
  schedules,
  pause,
  resume,
  runnow,
  unschedule,
  plan,
  hint,
  explainschedule,
  planaction,
  plansource,
  triggers,
  deliveries,
  testtrigger,
  pausetrigger,
  resumetrigger,
  replaydelivery,
  rules,
  rulefires,
  pauserule,
  resumerule,
  removerule,
  task,
  tasks,
  claim,
  move,
  showtask,
  checkitem,
  hire,
  agents,
  memory,
  pauseagent,
  resumeagent,
  retireagent,
  nexttask,
  givetask,
  matchtask,
  connections,
  policy,
]

/** The command of a name, one of its other names too. */
export const commandNamed = (name: string): Command | undefined => BY_NAME.get(name)

/** Commands by every name they answer to. Two of one name are a mistake, and the program does not start with it. */
export function indexCommands(commands: readonly Command[]): ReadonlyMap<string, Command> {
  const index = new Map<string, Command>()
  for (const command of commands) {
    for (const name of [command.name, ...command.aliases]) {
      ok(!index.has(name), `Two commands are called /${name}`)
      index.set(name, command)
    }
  }
  return index
}

const BY_NAME = indexCommands(COMMANDS)
