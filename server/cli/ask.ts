import { CliError, type Output } from './output.ts'

/** Somebody sits there and can answer. Every question has a flag that answers it beforehand. */
export const canAsk = (output: Output): boolean =>
  !output.isJson && process.stdin.isTTY === true && process.stderr.isTTY === true

/** One of several; refused (`cancelled`) when they leave instead. Questions go to standard error: the answer is what is piped on. */
export async function askWhich(message: string, choices: readonly string[]): Promise<string> {
  const { isCancel, select } = await import('@clack/prompts')
  const options = choices.map((value) => ({ value, label: value }))
  const chosen = await select({ message, options, output: process.stderr })
  if (isCancel(chosen)) throw cancelled()
  return chosen
}

/** Goes on only after a yes. */
export async function askWhether(message: string): Promise<void> {
  const { confirm } = await import('@clack/prompts')
  if ((await confirm({ message, initialValue: false, output: process.stderr })) !== true) throw cancelled()
}

/** Typed twice, and not shown. */
export async function askNewPassword(): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts')
  const ask = async (message: string): Promise<string> => {
    const typed = await password({ message, output: process.stderr })
    if (isCancel(typed)) throw cancelled()
    return typed
  }
  const first = await ask('New password')
  if ((await ask('The same once more')) === first) return first
  throw new CliError('bad_input', 'The two are not the same. Nothing was changed.')
}

const cancelled = (): CliError => new CliError('cancelled', 'Nothing was done.')
