import { NavLink } from 'react-router'
import { GROUPS, PAGES } from './pages.ts'
import { useSession } from './session.ts'
import css from './shell.module.css'

/** The pages by group. Stands at the side, and in a drawer on phones. */
export function NavLinks({ onFollow }: { onFollow?: () => void }) {
  const isAdmin = useSession().platformRole === 'admin'
  const groups = GROUPS.map((group) => ({
    ...group,
    pages: PAGES.filter((page) => page.group === group.id && (isAdmin || !page.adminOnly)),
  })).filter((group) => group.pages.length > 0)
  return groups.map((group) => (
    <div key={group.id} className={css.group}>
      {/* A lone group needs no name. */}
      {groups.length > 1 && <div className={css.groupLabel}>{group.label}</div>}
      <ul className={css.list}>
        {group.pages.map(({ path, label, Icon }) => (
          <li key={path}>
            <NavLink
              to={path}
              className={css.link ?? ''}
              data-testid={`nav-${path.slice(1)}`}
              {...(onFollow ? { onClick: onFollow } : {})}
            >
              <Icon />
              {label}
            </NavLink>
          </li>
        ))}
      </ul>
    </div>
  ))
}
