import { DBOS } from '@dbos-inc/dbos-sdk'

/** A workflow of three steps, called directly. */
export async function start(url) {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: url,
    systemDatabasePoolSize: 20,
    logLevel: 'error',
    runAdminServer: false,
  })
  const threeSteps = DBOS.registerWorkflow(
    async (value) => {
      let last = value
      for (const name of ['first', 'second', 'third']) last = await DBOS.runStep(async () => last, { name })
      return last
    },
    { name: 'threeSteps' },
  )
  await DBOS.launch()
  return {
    async one() {
      await threeSteps('x')
    },
    stop: () => DBOS.shutdown(),
  }
}
