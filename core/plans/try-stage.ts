import { AppError } from '../errors.ts'

/** Whether a move with a further run could be made: where there is no money or no room for it, it goes on without. */
export async function tryStage(move: () => Promise<void>): Promise<boolean> {
  try {
    await move()
    return true
  } catch (error) {
    if (error instanceof AppError && error.code !== 'busy') return false
    throw error
  }
}
