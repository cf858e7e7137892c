/** Where a route stands in the document, in the order in which one meets them. */
export const GROUPS = {
  auth: 'Signing in to the console, and who one is.',
  teams: 'Teams, their members and invitations.',
  money: 'Wallets, what moves between them, limits, and asking for more.',
  tools: 'What jobs are made of: tools, stored endpoints and providers.',
  jobs: 'Definitions of jobs and their versions.',
  runs: 'What jobs did, what came of it, and files.',
  reviews: 'Questions to people.',
  schedules: 'What starts runs by itself.',
  tasks: 'The board: tasks, leases and events.',
  settings: 'Connections, preferences and notifications.',
  admin: 'For platform admins.',
  chat: 'The same commands as in every other chat, over HTTP.',
  inbound: 'Where other systems send to.',
  ops: 'For whoever runs it.',
} as const

export type Group = keyof typeof GROUPS
