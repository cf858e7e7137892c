import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import css from './shell.module.css'

interface State {
  failed: boolean
}

/** A page that breaks takes only itself down. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false }

  static getDerivedStateFromError(): State {
    return { failed: true }
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <div className={css.center} role="alert">
        <div>
          <p>This page did not work. Nothing you sent is lost.</p>
          <Button onClick={() => window.location.reload()}>Reload</Button>
        </div>
      </div>
    )
  }
}
