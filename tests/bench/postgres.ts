import { compete } from './compete.ts'

/** The same on Postgres, one node: the whole engine beside pg-boss with a chain of three jobs in batches of fifty. */
export const benchPostgres = (): Promise<boolean> =>
  compete(['muster-postgres', 'pg-boss'], 'Durable three-step runs on Postgres')
