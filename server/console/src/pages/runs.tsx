import { Route, Routes } from 'react-router'
import { RunList } from '../runs/run-list.tsx'
import { RunPage } from '../runs/run-page.tsx'
import { NotFoundPage } from './not-found.tsx'

/** `/runs`, and one run below it. */
export default function RunsPage() {
  return (
    <Routes>
      <Route index element={<RunList />} />
      <Route path=":runId" element={<RunPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  )
}
