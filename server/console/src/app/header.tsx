import { ActionIcon } from '@mantine/core'
import { Link } from 'react-router'
import { ContextBadge } from './context-badge.tsx'
import { MenuIcon } from './icons.tsx'
import { Mark } from './logo.tsx'
import css from './shell.module.css'
import { ThemeSwitch } from './theme-switch.tsx'
import { UserMenu } from './user-menu.tsx'

export function Header({ onMenu }: { onMenu: () => void }) {
  return (
    <header className={css.header}>
      <ActionIcon
        className={css.burger ?? ''}
        variant="subtle"
        color="gray"
        c="var(--m-text)"
        size={40}
        onClick={onMenu}
        aria-label="Open the menu"
        data-testid="open-menu"
      >
        <MenuIcon />
      </ActionIcon>
      <Link to="/" className={css.brand} data-testid="brand">
        <Mark />
        <span className={css.brandName}>Muster</span>
      </Link>
      <div className={css.spring} />
      <ContextBadge />
      <ThemeSwitch />
      <UserMenu />
    </header>
  )
}
