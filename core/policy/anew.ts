import { AppError } from '../errors.ts'

/** The budgets stand otherwise than when the model was chosen: by now another one would be. */
class ChosenTooEarly extends AppError {
  constructor() {
    super('busy', 'The budgets have just changed, and with them which model is asked. Try again.')
  }
}

/** In the transaction of the hold: that what was chosen is what would be chosen now. Nothing for a run without models. */
export function requireSameStanding(chosenIn: 'fine' | 'low' | undefined, now: 'fine' | 'low' = 'fine'): void {
  if (chosenIn !== undefined && chosenIn !== now) throw new ChosenTooEarly()
}

/** So often is it worth it: each time somebody else has crossed a threshold in between. */
const TRIES = 5

/** Chooses and holds, and again when the standing has changed in between; refused (`busy`) when that does not come to rest. */
export async function choosingAnew<T>(attempt: () => Promise<T>): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof ChosenTooEarly) || number === TRIES) throw error
    }
  }
}
