import { Button, UnstyledButton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { sentenceOf } from '../api/client.ts'
import type { Wallet, WalletLimit } from '../api/types.ts'
import { formatUsd, isZero, percentOf } from '../format.ts'
import { useSwitchContext } from './context-switch.ts'
import css from './header.module.css'
import { CheckIcon, PersonIcon, TeamIcon } from './icons.tsx'
import { useSession } from './session.ts'

interface Props {
  wallet: UseQueryResult<Wallet>
  onDone: () => void
}

/** The wallet behind the badge, and the other contexts to choose from. */
export function ContextDetails({ wallet, onDone }: Props) {
  const me = useSession()
  const change = useSwitchContext(onDone)
  const choices = [
    { id: me.accountId, type: 'user' as const, name: 'Personal', note: undefined },
    ...me.teams.map((team) => ({ id: team.id, type: 'team' as const, name: team.name, note: team.role })),
  ]
  return (
    <div data-testid="context-details">
      <section className={css.wallet} aria-label="Wallet">
        {wallet.data ? (
          <WalletRows wallet={wallet.data} />
        ) : wallet.isError ? (
          <div role="alert">
            <p>{sentenceOf(wallet.error)}</p>
            <Button size="xs" variant="default" onClick={() => wallet.refetch()}>
              Try again
            </Button>
          </div>
        ) : (
          <p className={css.quiet}>Reading the wallet…</p>
        )}
      </section>
      <div className={css.choicesTitle} id="pay-from">
        Pay from
      </div>
      <ul className={css.choices} aria-labelledby="pay-from">
        {choices.map((choice) => {
          const isCurrent = choice.type === me.context.type && choice.id === me.context.id
          const Icon = choice.type === 'team' ? TeamIcon : PersonIcon
          return (
            <li key={choice.id}>
              <UnstyledButton
                className={css.choice}
                aria-current={isCurrent ? 'true' : undefined}
                onClick={() => (isCurrent ? onDone() : change.mutate(choice))}
                disabled={change.isPending}
                data-testid={`pay-from-${choice.id}`}
              >
                <Icon size={18} />
                <span className={css.choiceName}>{choice.name}</span>
                {choice.note && <span className={css.quiet}>{choice.note}</span>}
                {isCurrent && <CheckIcon size={16} />}
              </UnstyledButton>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function WalletRows({ wallet }: { wallet: Wallet }) {
  const rows = [
    ['Available', wallet.availableUsd, true],
    ['Balance', wallet.balanceUsd, true],
    ['Held for runs', wallet.heldUsd, !isZero(wallet.heldUsd)],
    ['Credit line', wallet.creditLimitUsd, !isZero(wallet.creditLimitUsd)],
    ['Debt', wallet.debtUsd, !isZero(wallet.debtUsd)],
  ] as const
  return (
    <>
      <dl className={css.rows}>
        {rows.map(
          ([label, amount, isShown]) =>
            isShown && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{formatUsd(amount)}</dd>
              </div>
            ),
        )}
      </dl>
      {wallet.limits.map((limit) => (
        <LimitBar key={limit.name} limit={limit} />
      ))}
    </>
  )
}

/** A limit is one of money or one of runs. */
const amountsOf = (limit: WalletLimit): { used: string; most: string; words: string } =>
  'limitUsd' in limit
    ? {
        used: limit.usedUsd,
        most: limit.limitUsd,
        words: `${formatUsd(limit.usedUsd)} of ${formatUsd(limit.limitUsd)}`,
      }
    : {
        used: String(limit.usedRuns),
        most: String(limit.limitRuns),
        words: `${limit.usedRuns} of ${limit.limitRuns} runs`,
      }

function LimitBar({ limit }: { limit: WalletLimit }) {
  const { used, most, words } = amountsOf(limit)
  const percent = percentOf(used, most)
  return (
    <div className={css.limit}>
      <div className={css.limitText}>
        <span>{limit.title}</span>
        <span>{words}</span>
      </div>
      <div className={css.bar} aria-hidden="true">
        <div style={{ width: `${percent}%` }} data-high={percent >= 80 || undefined} />
      </div>
    </div>
  )
}
