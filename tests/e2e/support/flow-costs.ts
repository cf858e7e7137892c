/** What a person does in a flow: messages they write, buttons they tap (fields of a dialog that is sent count as one). */
export interface Cost {
  said: number
  tapped: number
}

export interface Flow {
  name: string
  /** What is done, by the words on the buttons. */
  how: string
  telegram: Cost
  slack: Cost
  web: Cost
  /** Mails they write. */
  mail: number
}

const cost = (said: number, tapped: number): Cost => ({ said, tapped })

/** The everyday flows and what they take, counted by the tests that play them; docs/chat.md has the table. */
export const FLOWS = {
  first: {
    name: 'First contact to first result',
    how: '/start, *Jobs*, the job, its input, *Skip*, *Run it*',
    telegram: cost(2, 4),
    slack: cost(1, 3),
    web: cost(1, 2),
    mail: 1,
  },
  missing: {
    name: 'A run with a missing input',
    how: 'the command, what it asks for, *Run it*',
    telegram: cost(2, 1),
    slack: cost(1, 1),
    web: cost(1, 1),
    mail: 2,
  },
  confirm: {
    name: 'A run over the confirm limit',
    how: 'the command, *Run it*',
    telegram: cost(1, 1),
    slack: cost(1, 1),
    web: cost(1, 1),
    mail: 2,
  },
  invite: {
    name: 'Invite a colleague',
    how: '/createteam, *Invite somebody*; the colleague opens the link',
    telegram: cost(1, 1),
    slack: cost(1, 1),
    web: cost(1, 1),
    mail: 2,
  },
  switch: {
    name: 'Switch context',
    how: '/setcontext, the team',
    telegram: cost(1, 1),
    slack: cost(1, 1),
    web: cost(0, 2),
    mail: 2,
  },
  approve: {
    name: 'Approve',
    how: '*Approve* on the card',
    telegram: cost(0, 1),
    slack: cost(0, 1),
    web: cost(0, 1),
    mail: 1,
  },
  changes: {
    name: 'Request changes',
    how: '*Request changes*, what should be different, *Approve* on the next card',
    telegram: cost(1, 2),
    slack: cost(0, 3),
    web: cost(0, 3),
    mail: 2,
  },
  askMore: {
    name: 'Ask for more and grant it',
    how: '*Ask for more* on the card; *Grant* on the other side',
    telegram: cost(0, 2),
    slack: cost(0, 2),
    web: cost(0, 2),
    mail: 2,
  },
  retry: {
    name: 'Retry a failed step',
    how: '*Retry* on the card',
    telegram: cost(0, 1),
    slack: cost(0, 1),
    web: cost(0, 1),
    mail: 1,
  },
  schedule: {
    name: 'Schedule daily',
    how: '/schedule, the job, *every day at 9*',
    telegram: cost(1, 2),
    slack: cost(1, 1),
    web: cost(1, 2),
    mail: 2,
  },
  cancel: {
    name: 'Cancel',
    how: '*Stop* on the card; Slack and the web ask once',
    telegram: cost(0, 1),
    slack: cost(0, 2),
    web: cost(0, 2),
    mail: 1,
  },
  find: {
    name: "Find last week's result",
    how: '/runs and a word, the run, *Export*, *Markdown*',
    telegram: cost(1, 3),
    slack: cost(1, 3),
    web: cost(1, 3),
    mail: 4,
  },
} satisfies Record<string, Flow>
