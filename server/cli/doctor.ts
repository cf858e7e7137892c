import type { Command } from 'commander'
import { systemClock } from '#core/clock.ts'
import { action, type Outcome } from './action.ts'
import { checkChannels } from './doctor/channels.ts'
import { attempt, type Check } from './doctor/check.ts'
import { checkDatabase } from './doctor/database.ts'
import { checkAddress, checkConsole, checkDisk, checkNode, checkSettings } from './doctor/machine.ts'
import { checkMail } from './doctor/mail.ts'
import { type Output, table } from './output.ts'

export function addDoctorCommand(program: Command, outcome: Outcome): void {
  program
    .command('doctor')
    .description(
      'look for what is wrong with the machine, the settings, the database and the channels; changes nothing',
    )
    .action(action(outcome, doctor))
}

async function doctor(output: Output): Promise<number> {
  const { config, check } = checkSettings()
  const checks = [checkNode(process.versions.node), check]
  if (config) {
    checks.push(checkAddress(config))
    checks.push(await attempt('Disk', 'Is the folder of the database there?', () => checkDisk(config)))
    checks.push(...(await checkDatabase(config, systemClock.nowMs())))
    checks.push(...(await checkChannels(config)))
    checks.push(...(await checkMail(config)))
  }
  checks.push(checkConsole())
  const isWell = checks.every(({ status }) => status !== 'fail')
  output.answer({ ok: isWell, checks }, linesOf(checks))
  return isWell ? 0 : 1
}

function linesOf(checks: readonly Check[]): string[] {
  const lines = table(checks.map(({ name, status, detail }) => [`${status.padEnd(4)}  ${name}`, detail]))
  return lines.flatMap((line, index) => {
    const fix = checks[index]?.fix
    return fix === undefined ? [line] : [line, `      → ${fix}`]
  })
}
