/** The entry `headgate/custom`: algorithms of your own. */

export type { CustomAlgorithm } from '../core/algorithm.ts'
export {
  type AlgorithmCall,
  type AlgorithmDefinition,
  type AlgorithmStep,
  defineAlgorithm,
} from '../core/algorithms/custom.ts'
