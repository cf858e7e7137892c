import { defineCheck, runsOf } from './lookup.ts'

/** Attempts that a crash cuts off are one request to the outside: they share the first attempt group. */
const GROUP = 1

/**
 * What happens outside cannot be taken back, so it happens once: for each step that was handed over the provider did one
 * job, the run knows it by its id and has what it made, and the wait was ended once.
 */
export const providerWorkedOnce = defineCheck('providerWorkedOnce', (facts, found) => {
  const { effects, tables, commands, refusedCallbacks } = facts
  const runs = runsOf(facts)
  const byReference = Map.groupBy(effects, ({ reference }) => reference)
  const waits = Map.groupBy(tables.callback, ({ run_id }) => run_id)
  const ends = Map.groupBy(
    tables.event.filter(({ type }) => type === 'callback.received'),
    ({ subject }) => subject,
  )
  const expected = new Set<string>()
  for (const command of commands) {
    for (const { id, outputs_json } of command.job.atProvider === undefined ? [] : runs(command)) {
      const reference = `${id}:${command.job.atProvider}:${GROUP}`
      expected.add(reference)
      const [effect, ...more] = byReference.get(reference) ?? []
      if (!effect) found(`The provider did nothing for ${reference}`)
      else if (more.length > 0) found(`The provider did ${1 + more.length} jobs for ${reference}`)
      else if (!outputs_json?.includes(String(effect.made)))
        found(`${id} has not what ${effect.id} made: ${outputs_json}`)
      const [wait, ...others] = waits.get(id) ?? []
      if (!wait || others.length > 0) found(`${id} waited ${others.length + (wait ? 1 : 0)} times`)
      else if (wait.state !== 'received') found(`The wait of ${id} is ${wait.state}`)
      else if (effect && wait.provider_run_id !== effect.id) found(`${id} waited for ${wait.provider_run_id}`)
      const endings = ends.get(id)?.length ?? 0
      if (endings !== 1) found(`The wait of ${id} was ended ${endings} times`)
    }
  }
  for (const { id, reference } of effects) {
    if (!expected.has(reference)) found(`${id} is for ${reference}, which nobody asked for`)
  }
  for (const refused of refusedCallbacks) found(`A callback was refused: ${refused}`)
})
