import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTypes } from './read-types.ts'
import { written } from './written.ts'

/** `node tests/peers/telegram/schema/main.ts`: writes Telegram's methods anew, when `grammy` has come with newer types. */
writeFileSync(join(import.meta.dirname, 'bot-api.json'), written(readTypes()))
