import { Link } from 'react-router'
import css from '../app/shell.module.css'

export function NotFoundPage() {
  return (
    <div className={css.center} data-testid="not-found">
      <div>
        <h1>There is nothing here</h1>
        <Link to="/">Go to the start page</Link>
      </div>
    </div>
  )
}
