import type { App } from '@slack/bolt'
import type { Log } from '#core/core.ts'

type SlackLogger = App['logger']
type Level = ReturnType<SlackLogger['getLevel']>

/**
 * Slack's libraries log through ours. What they say below a warning holds payloads, and so people's words: it is left out.
 * `errorsAs`: where we try again ourselves what failed there, it is no more than a warning.
 */
export function slackLogger(log: Log, { errorsAs = 'error' }: { errorsAs?: 'warn' | 'error' } = {}): SlackLogger {
  const say =
    (level: 'warn' | 'error') =>
    (...said: unknown[]): void => {
      const error = said.find((one) => one instanceof Error)
      log[level](error ? { err: error } : { said: said.map(String).join(' ').slice(0, 500) }, "Slack's library says")
    }
  return {
    debug() {},
    info() {},
    warn: say('warn'),
    error: say(errorsAs),
    setLevel() {},
    getLevel: () => 'warn' as Level,
    setName() {},
  }
}
