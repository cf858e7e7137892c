import { TEAM_VIEWS } from './teams.ts'

/** Every shape that answers have, by its name in the document. Loaded only when somebody asks for the document. */
export const VIEWS = {
  ...TEAM_VIEWS,
}

export type ViewName = keyof typeof VIEWS
