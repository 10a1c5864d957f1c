/** Says once more, and last, which tests failed: what stands at the end of a long log is what is read. */
export default class NamedFailures {
  onRunComplete(_, { testResults }) {
    for (const { testFilePath, testResults: tests, testExecError } of testResults) {
      if (testExecError) console.error(`failed: ${testFilePath}`);
      for (const { fullName, status } of tests)
        if (status === 'failed') console.error(`failed: ${testFilePath}: ${fullName}`);
    }
  }
}
