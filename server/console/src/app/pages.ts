import type { ComponentType } from 'react'
import { ChatIcon, HookIcon, type IconProps, KeyIcon, PersonIcon, RunsIcon, ScaleIcon } from './icons.tsx'

/** Groups of the navigation, in the order they stand there. A group without pages does not show. */
export const GROUPS = [
  { id: 'work', label: 'Work' },
  { id: 'board', label: 'Board' },
  { id: 'money', label: 'Money' },
  { id: 'setup', label: 'Set up' },
] as const

export interface PageEntry {
  /** Its address; everything below it belongs to the page too (`/runs` also gets `/runs/…`). */
  path: string
  /** Shown in the navigation and in the browser's title. */
  label: string
  group: (typeof GROUPS)[number]['id']
  Icon: ComponentType<IconProps>
  /** Its file, loaded when it is first opened or about to be. The page is the default export. */
  load: () => Promise<{ default: ComponentType }>
  /** Shown to platform admins only. The server checks; this only hides. */
  adminOnly?: boolean
}

/** Every page of the console behind the sign-in: a new page is one line here. The first one is the start page. */
export const PAGES: [PageEntry, ...PageEntry[]] = [
  { path: '/chat', label: 'Chat', group: 'work', Icon: ChatIcon, load: () => import('../pages/chat.tsx') },
  { path: '/runs', label: 'Runs', group: 'work', Icon: RunsIcon, load: () => import('../pages/runs.tsx') },
  {
    path: '/connections',
    label: 'Connections',
    group: 'setup',
    Icon: KeyIcon,
    load: () => import('../pages/connections.tsx'),
  },
  {
    path: '/policy',
    label: 'Policies and budgets',
    group: 'setup',
    Icon: ScaleIcon,
    load: () => import('../pages/policy.tsx'),
  },
  {
    path: '/triggers',
    label: 'Triggers',
    group: 'setup',
    Icon: HookIcon,
    load: () => import('../pages/triggers.tsx'),
  },
  {
    path: '/account',
    label: 'Your account',
    group: 'setup',
    Icon: PersonIcon,
    load: () => import('../pages/account.tsx'),
  },
]

/** The page an address belongs to. */
export const pageAt = (pathname: string): PageEntry | undefined =>
  pathname === '/' ? PAGES[0] : PAGES.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
