import { Popover, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useWallet } from '../api/queries.ts'
import { formatUsd } from '../format.ts'
import { ContextDetails } from './context-details.tsx'
import css from './header.module.css'
import { ChevronIcon, PersonIcon, TeamIcon } from './icons.tsx'
import { useSession } from './session.ts'

/** Who pays for what is asked now, and how much is left. Opens the details. */
export function ContextBadge() {
  const { context } = useSession()
  const wallet = useWallet(context)
  const [opened, setOpened] = useState(false)
  const name = context.type === 'team' ? context.name : 'Personal'
  const amount = wallet.data ? formatUsd(wallet.data.availableUsd) : undefined
  const Icon = context.type === 'team' ? TeamIcon : PersonIcon
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      width={300}
      offset={10}
      trapFocus
      returnFocus
      shadow="md"
    >
      <Popover.Target>
        <UnstyledButton
          className={css.badge}
          onClick={() => setOpened(!opened)}
          aria-label={`${name} pays. ${amount ? `${amount} available` : 'Balance not known yet'}`}
          data-testid="context-badge"
        >
          <Icon size={18} />
          <span className={css.badgeName}>{name}</span>
          <span className={css.badgeAmount} data-testid="context-balance">
            {amount ?? (wallet.isError ? '—' : <span className={css.badgePending} />)}
          </span>
          <ChevronIcon size={16} />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <ContextDetails wallet={wallet} onDone={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}
