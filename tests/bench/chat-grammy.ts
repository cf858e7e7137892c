import { createServer } from 'node:http'
import { Bot, webhookCallback } from 'grammy'
import { TOKEN } from './chat-stub.ts'

/** Bare grammY at the same door with the same answer, and nothing behind it: `chat-grammy.ts <port> <api root>`. */
const [port = '', apiRoot = ''] = process.argv.slice(2)
const bot = new Bot(TOKEN, { client: { apiRoot } })
bot.command('start', (context) => context.reply('Hello'))
bot.command('whoami', (context) => context.reply(`You are ${context.from?.first_name}, and nobody keeps anything.`))
await bot.init()
const handle = webhookCallback(bot, 'http')
createServer((request, response) => void handle(request, response)).listen(Number(port), '127.0.0.1')
