/** What people are told of, by themselves. Data: what to hear of it is each person's choice. */
export const NOTIFICATION_TYPES = [
  'invitation',
  'role_changed',
  'budget_asked',
  'budget',
  'review_asked',
  'review_reminded',
  'review_decided',
  'run_ended',
  'schedule_missed',
  'trigger_refused',
  'agent_blocked',
  'task',
  'message',
  'low_balance',
  'security',
] as const

export type NotificationType = (typeof NOTIFICATION_TYPES)[number]

/**
 * - `urgent` goes out at once, at any hour.
 * - `normal` goes out at once, but in quiet hours when they end.
 * - `low` does so too, and is gathered by who has a digest.
 */
export type Priority = 'low' | 'normal' | 'urgent'

export interface TypeInfo {
  /** As people read it. */
  title: string
  priority: Priority
  /** Somebody waits for an answer: it may go elsewhere, but is neither turned off nor gathered. */
  needsAnswer: boolean
  /** Usually shown on every channel of the person, the web too: answered on one of them, it changes on all. */
  isEverywhere?: boolean
  /** About people who are in no team yet, or not any more: others hear of a team only while they are in it. */
  isForOutsiders?: boolean
}

export const TYPES: Record<NotificationType, TypeInfo> = {
  invitation: { title: 'Invitations to teams', priority: 'normal', needsAnswer: true, isForOutsiders: true },
  role_changed: { title: 'Your place in a team', priority: 'normal', needsAnswer: false, isForOutsiders: true },
  budget_asked: { title: 'Requests for more money', priority: 'normal', needsAnswer: true },
  budget: { title: 'Limits, and answers to your requests', priority: 'normal', needsAnswer: false },
  review_asked: { title: 'Reviews that wait for you', priority: 'normal', needsAnswer: true, isEverywhere: true },
  review_reminded: { title: 'Reminders of reviews', priority: 'normal', needsAnswer: false, isEverywhere: true },
  review_decided: { title: 'Decisions about your runs', priority: 'low', needsAnswer: false },
  run_ended: { title: 'Runs that ended elsewhere', priority: 'low', needsAnswer: false },
  schedule_missed: { title: 'Schedules that missed, stopped or ended', priority: 'normal', needsAnswer: false },
  trigger_refused: { title: 'Webhooks and rules that start nothing', priority: 'normal', needsAnswer: false },
  agent_blocked: { title: 'Agents that need you', priority: 'normal', needsAnswer: true },
  task: { title: 'Tasks you have, or are to look at', priority: 'normal', needsAnswer: false },
  message: { title: 'Messages that jobs and agents send you', priority: 'normal', needsAnswer: false },
  low_balance: { title: 'Low balance of a team', priority: 'normal', needsAnswer: false },
  // Whoever got in could turn it off: it cannot be.
  security: { title: 'Safety of your account', priority: 'urgent', needsAnswer: true },
}
