import type { CommandInfo } from '../api/types.ts'
import { Mark } from '../app/logo.tsx'
import css from './message-list.module.css'
import { nameOf } from './suggest.ts'

const SHOWN_MAX = 4

/** An empty conversation: what this is and how to begin. */
export function Welcome({ commands, onPick }: { commands: CommandInfo[]; onPick: (text: string) => void }) {
  return (
    <div className={css.welcome} data-testid="chat-empty">
      <Mark size={44} />
      <h2>What shall we run?</h2>
      <p>Write to Muster as you would in any chat. Type / to see every command.</p>
      {commands.length > 0 && (
        <ul>
          {commands.slice(0, SHOWN_MAX).map((command) => (
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
