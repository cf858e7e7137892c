import type { CommandInfo } from '../api/types.ts'
import { Mark } from '../app/logo.tsx'
import css from './message-list.module.css'
import { nameOf } from './suggest.ts'

/** What one begins with, as far as it is there. */
const FIRST = ['run', 'jobs', 'balance', 'createteam', 'help']
const SHOWN_MAX = 4

/** An empty conversation: what this is and how to begin. */
export function Welcome({ commands, onPick }: { commands: CommandInfo[]; onPick: (text: string) => void }) {
  const first = FIRST.flatMap((name) => commands.filter((command) => nameOf(command) === name))
  const shown = (first.length > 0 ? first : commands).slice(0, SHOWN_MAX)
  return (
    <div className={css.welcome} data-testid="chat-empty">
      <Mark size={44} />
      <h2>What shall we run?</h2>
      <p>Write to Muster as you would in any chat. Type / to see every command.</p>
      {shown.length > 0 && (
        <ul>
          {shown.map((command) => (
            <li key={command.command}>
              <button type="button" onClick={() => onPick(`/${nameOf(command)} `)}>
                <b>/{nameOf(command)}</b>
                <span>{command.summary}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
