import { Menu, UnstyledButton } from '@mantine/core'
import { useNavigate } from 'react-router'
import { sentenceOf } from '../api/client.ts'
import css from './header.module.css'
import { PersonIcon, SignOutIcon } from './icons.tsx'
import { notifyFailure } from './notify.ts'
import { signOut, useSession } from './session.ts'

export function UserMenu() {
  const me = useSession()
  const navigate = useNavigate()
  const leave = async (): Promise<void> => {
    try {
      await signOut()
      navigate('/login', { replace: true })
    } catch (error) {
      await notifyFailure('You are still signed in', sentenceOf(error))
    }
  }
  return (
    <Menu position="bottom-end" offset={10} width={230}>
      <Menu.Target>
        <UnstyledButton
          className={css.avatar}
          aria-label={`You: ${me.displayName}`}
          title={me.displayName}
          data-testid="user-menu"
        >
          {initials(me.displayName)}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={css.who}>
          <div className={css.whoName}>{me.displayName}</div>
          <div className={css.whoHandle}>
            @{me.handle}
            {me.platformRole === 'admin' && ' · platform admin'}
          </div>
        </div>
        <Menu.Divider />
        <Menu.Item
          leftSection={<PersonIcon size={18} />}
          onClick={() => navigate('/account')}
          data-testid="open-account"
        >
          Your account
        </Menu.Item>
        <Menu.Item leftSection={<SignOutIcon size={18} />} onClick={leave} data-testid="sign-out">
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** First letters of the first and the last word. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '')
  return letters.join('').toUpperCase() || '?'
}
