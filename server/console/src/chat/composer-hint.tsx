import type { CommandInfo } from '../api/types.ts'
import css from './composer.module.css'
import { commandInUse } from './suggest.ts'

interface Props {
  text: string
  commands: CommandInfo[]
  isUploading: boolean
  hasFailed: boolean
  /** How many commands the popup shows. */
  count: number
}

/** One line under the composer, always there so that nothing moves: what to do next. */
export function ComposerHint({ text, commands, isUploading, hasFailed, count }: Props) {
  const inUse = commandInUse(commands, text)
  const hint = isUploading
    ? 'You can send when the files are up.'
    : hasFailed
      ? 'Remove the file that failed, or try it again.'
      : inUse
        ? inUse.usage
        : ''
  return (
    <div className={css.hint} data-testid="hint">
      <span aria-live="polite">
        {hint || (count > 0 && `${count} ${count === 1 ? 'command' : 'commands'}`)}
        {!hint && count > 0 && <span className={css.keys}> · ↑ ↓ to choose, Tab to take</span>}
      </span>
      {!hint && count === 0 && (
        <span className={css.keys}>
          <kbd>Enter</kbd> sends · <kbd>Shift</kbd> + <kbd>Enter</kbd> new line · <kbd>/</kbd> commands
        </span>
      )}
    </div>
  )
}
