import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { setPasswordByOperator } from '#core/accounts/passwords.ts'
import { action, type Outcome } from './action.ts'
import { askNewPassword, canAsk } from './ask.ts'
import { withCore } from './open.ts'
import { type Output, table } from './output.ts'
import { listAccounts } from './statements.ts'

export function addAccountCommands(program: Command, outcome: Outcome): void {
  const account = program.command('account').description('make and list accounts')
  account
    .command('create')
    .description('make an account with a wallet')
    .argument('<handle>', '2 to 32 of a-z 0-9 _ -')
    .option('--admin', 'a platform admin: grants money, approves credit, sees everything')
    .option('--name <name>', 'the name that others see; the handle when it is left out')
    .action(action(outcome, createAccount))
  account
    .command('password')
    .description('set the password of an account, asked for here or read from standard input; all its sessions end')
    .argument('<handle>', 'whose')
    .action(action(outcome, setPassword))
  account.command('list').description('list accounts, oldest first').action(action(outcome, showAccounts))
}

function createAccount(output: Output, handle: string, { admin, name }: { admin?: boolean; name?: string }) {
  return withCore(async ({ core }) => {
    const wanted = { handle, admin: admin ?? false, ...(name === undefined ? {} : { displayName: name }) }
    const account = await createAccountByOperator(core, wanted)
    output.answer(
      { accountId: account.id, handle: account.handle },
      `@${account.handle} has an account${admin ? ' and is admin' : ''}: ${account.id}`,
    )
    return 0
  })
}

/** Never an argument: those stand in the list of processes and in the history of the shell. */
function setPassword(output: Output, handle: string) {
  return withCore(async ({ core }) => {
    const password = canAsk(output) ? await askNewPassword() : firstLineOf(await text(process.stdin))
    // Whose it is, is told by whoever works; this process only puts it down for them.
    await core.queue.open()
    const set = await setPasswordByOperator(core, { handle, password }).finally(() => core.queue.close())
    output.answer(set, `@${set.handle} signs in with the new password from now on.`)
    return 0
  })
}

const firstLineOf = (typed: string): string => typed.split(/\r?\n/, 1)[0] ?? ''

function showAccounts(output: Output) {
  return withCore(async ({ core }) => {
    const items = (await listAccounts.all(core.db, {})).map((row) => ({
      accountId: row.id,
      handle: row.handle,
      displayName: row.display_name,
      platformRole: row.platform_role,
      createdAt: new Date(row.created_at_ms).toISOString(),
    }))
    const lines = items.map((item): [string, string] => [
      `@${item.handle}`,
      `${item.platformRole.padEnd(5)}  ${item.accountId}  ${item.displayName}`,
    ])
    output.answer({ items }, items.length > 0 ? table(lines) : 'Nobody has an account yet.')
    return 0
  })
}
