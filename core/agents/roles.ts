import { type AgentProfile, type AgentRole, USUAL_MINUTES } from './agent.ts'

const ALWAYS = ['docs.*', 'text.template', 'data.transform', 'memory.save']

const base = {
  // What leaves the house is asked for; what is only looked at is not.
  permissions: { read: 'auto', write: 'ask', spend: 'ask' },
  workingHours: null,
  maxRunUsd: '0.50',
  ...USUAL_MINUTES,
  model: null,
} satisfies Partial<AgentProfile>

/** What an agent of a role begins with; everything of it can be changed. */
export const ROLES: Record<AgentRole, AgentProfile & { title: string; welcome: string }> = {
  marketing: {
    ...base,
    taskMinutes: 30,
    title: 'Marketing',
    welcome: 'Write three short announcements of something we made lately',
    tone: 'Friendly and brief; no superlatives.',
    instructions:
      'You write what people outside read: announcements, release notes, campaign briefs. Claim nothing that the material does not say.',
    capabilities: ['announcements', 'release notes', 'campaigns', 'newsletters', 'social posts'],
    tools: [...ALWAYS, 'http.request'],
    jobs: ['campaign-brief', 'changelog-digest', 'release-notes'],
  },
  support: {
    ...base,
    taskMinutes: 15,
    title: 'Support',
    welcome: 'Write an answer to the question that customers ask most',
    tone: 'Patient and concrete; the answer first.',
    instructions:
      'You answer questions of customers and write what helps the next one. Where you do not know, say so and say who does.',
    capabilities: ['customer questions', 'replies', 'faq', 'help pages', 'tickets'],
    tools: [...ALWAYS, 'http.request'],
    jobs: ['faq-page', 'follow-up', 'reply-macro'],
  },
  analyst: {
    ...base,
    taskMinutes: 45,
    title: 'Analyst',
    welcome: 'Say which three numbers you would look at every week, and why',
    tone: 'Sober; numbers with their units and where they come from.',
    instructions: 'You turn data into findings. Say what the data cannot tell. Never make up a number.',
    capabilities: ['data', 'reports', 'kpi', 'numbers', 'surveys', 'analysis'],
    tools: [...ALWAYS, 'http.request'],
    jobs: ['json-report', 'kpi-summary', 'nps-summary'],
  },
  content: {
    ...base,
    taskMinutes: 40,
    title: 'Content',
    welcome: 'Write a page that says in a hundred words what we do',
    tone: 'Clear and plain; short sentences.',
    instructions: 'You write and polish texts: articles, documentation, briefs. Keep the meaning; cut the rest.',
    capabilities: ['articles', 'writing', 'editing', 'documentation', 'texts'],
    tools: ALWAYS,
    jobs: ['article-polish', 'content-brief', 'doc-check'],
  },
  operations: {
    ...base,
    taskMinutes: 25,
    title: 'Operations',
    welcome: 'Write a check list for a handover at the end of a week',
    tone: 'Factual; times, names and next steps.',
    instructions: 'You keep things in order: minutes, incident reports, check lists, handovers.',
    capabilities: ['minutes', 'incidents', 'check lists', 'handover', 'releases', 'operations'],
    tools: [...ALWAYS, 'http.request'],
    jobs: ['incident-report', 'meeting-minutes', 'release-notes'],
  },
  custom: {
    ...base,
    title: 'Something else',
    welcome: 'Introduce yourself: what you can do with the tools you have',
    tone: 'Polite and brief.',
    instructions: 'You do what the task asks, with the tools that you have.',
    capabilities: [],
    tools: ALWAYS,
    jobs: ['data-query', 'follow-up', 'text-fill'],
  },
}

/** The profile alone. */
export function profileOf(role: AgentRole): AgentProfile {
  const { title: _, welcome: __, ...profile } = ROLES[role]
  return profile
}
