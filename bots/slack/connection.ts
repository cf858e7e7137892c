import assert from 'node:assert/strict'
import type { App, Receiver, webApi } from '@slack/bolt'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { HttpReceiver } from './http-receiver.ts'
import type { Bot } from './incoming.ts'
import { slackLogger } from './log.ts'
import { SocketReceiver } from './socket-receiver.ts'

export interface SlackOptions {
  botToken: string
  /** Needed with `http`: what Slack signs its requests with. */
  signingSecret?: string
  /** Needed with `socket`: the app-level token with `connections:write`. */
  appToken?: string
  mode: 'socket' | 'http'
  /** `https://slack.com/api/`, or where tests and GovSlack have it. */
  apiUrl: string
  log: Log
  clock: Clock
}

export interface Connection {
  app: App
  client: webApi.WebClient
  receiver: Receiver
  /** In HTTP mode only. */
  http?: HttpReceiver
  /** In socket mode only. */
  socket?: SocketReceiver
  /** Who we are; asked once, and again as long as Slack does not say. */
  identify(): Promise<Bot>
}

/** Slack answers in seconds or not at all; without a limit a broken connection would hold a conversation for ever. */
const TIMEOUT_MS = 30_000

/** Loads Bolt, which takes a good tenth of a second, and puts one app on top of the mode's receiver. Connects nothing yet. */
export async function createConnection(options: SlackOptions): Promise<Connection> {
  const bolt = await import('@slack/bolt')
  const logger = slackLogger(options.log)
  const clientOptions = () => ({
    slackApiUrl: options.apiUrl,
    logger,
    timeout: TIMEOUT_MS,
    // The outbox is what tries again: it survives a restart, and it knows what may be repeated.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  })
  const client = new bolt.webApi.WebClient(options.botToken, clientOptions())
  const http = options.mode === 'http' ? httpReceiver(options) : undefined
  const socket = http
    ? undefined
    : new SocketReceiver({
        clock: options.clock,
        log: options.log,
        inner: new bolt.SocketModeReceiver({
          appToken: options.appToken ?? '',
          logger: slackLogger(options.log, { errorsAs: 'warn' }),
          autoReconnectEnabled: false,
          // Bolt would acknowledge what it could not authorise, and Slack would not bring it again.
          processEventErrorHandler: async ({ error }) => {
            options.log.error({ err: error }, 'An update from Slack could not be stored; Slack will bring it again')
            return false
          },
          installerOptions: { clientOptions: clientOptions() },
        }),
      })
  const receiver = http ?? socket
  assert(receiver, 'A mode has a way in')
  const identify = rememberBot(client)
  const app = new bolt.App({
    receiver,
    logger,
    clientOptions: clientOptions(),
    convoStore: false,
    authorize: async () => {
      const bot = await identify()
      return { botToken: options.botToken, botUserId: bot.userId, botId: bot.botId, teamId: bot.teamId }
    },
  })
  // Whoever gave the event to Bolt logs what became of it.
  app.error(async (error) => {
    throw error
  })
  return { app, client, receiver, identify, ...(http ? { http } : {}), ...(socket ? { socket } : {}) }
}

function httpReceiver({ signingSecret = '', clock, log }: SlackOptions): HttpReceiver {
  return new HttpReceiver({ signingSecret, clock, log })
}

function rememberBot(client: webApi.WebClient): () => Promise<Bot & { botId: string }> {
  let known: Promise<Bot & { botId: string }> | undefined
  return async function identify() {
    known ??= client.auth.test().then(({ user_id, bot_id, team_id }) => {
      return { userId: user_id ?? '', botId: bot_id ?? '', teamId: team_id ?? '' }
    })
    try {
      return await known
    } catch (error) {
      known = undefined
      throw error
    }
  }
}
