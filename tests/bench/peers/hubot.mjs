import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import hubot from 'hubot'

/** Hubot's command bus behind the same door: `hubot.mjs <port> <api root> <token>`. */
const [port, apiRoot, token] = process.argv.slice(2)
process.env.HUBOT_LOG_LEVEL = 'error'

class Telegram extends hubot.Adapter {
  async send({ room }, ...strings) {
    for (const words of strings) {
      const response = await fetch(`${apiRoot}/bot${token}/sendMessage`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ chat_id: room, text: words }),
      })
      await response.arrayBuffer()
    }
  }
}

const robot = new hubot.Robot('Shell', false, 'muster')
robot.adapter = new Telegram(robot)
for (const id of ['start', 'whoami']) {
  robot.commands.register({
    id,
    description: 'Who you are',
    confirm: 'never',
    handler: ({ context }) => `You are ${context.user.name}, and nobody keeps anything.`,
  })
}

createServer(async (request, response) => {
  const { message } = JSON.parse(await text(request))
  const user = new hubot.User(String(message.from.id), { name: message.from.first_name, room: message.chat.id })
  const context = { user, room: message.chat.id }
  const answer = await robot.commands.invoke(message.text.slice(1), context)
  response.end()
  await robot.adapter.send({ room: message.chat.id }, String(answer.result))
}).listen(Number(port), '127.0.0.1')
