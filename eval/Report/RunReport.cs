using System.Text;
using AgentKit.Eval.Comparison;
using AgentKit.Eval.Runs;

namespace AgentKit.Eval.Report;

/// <summary>A finished run for people: one HTML page that needs nothing else, and Markdown.</summary>
public static class RunReport
{
    /// <summary>The page's name in the run's folder.</summary>
    public const string HtmlName = "report.html";

    /// <summary>The Markdown file's name in the run's folder.</summary>
    public const string MarkdownName = "report.md";

    /// <summary>Writes both files into a run's folder.</summary>
    /// <param name="folder">The folder of a finished run.</param>
    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">It holds none.</exception>
    public static void Write(string folder)
    {
        EvalResult result = RunFolder.Load(folder).Result;
        var samples = result.Tasks.ToDictionary(task => task.Task, task => RunFolder.LoadSamples(folder, task.Task));
        Save(Path.Combine(folder, HtmlName), HtmlReport.Of(result, samples));
        Save(Path.Combine(folder, MarkdownName), MarkdownReport.Of(result));
    }

    /// <summary>Writes a page about the differences between two runs.</summary>
    /// <param name="pathA">The first run's folder.</param>
    /// <param name="pathB">The second run's folder.</param>
    /// <param name="comparison">What comparing them brought.</param>
    /// <param name="file">The page.</param>
    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">A folder holds no finished run.</exception>
    public static void WriteComparison(string pathA, string pathB, IReadOnlyList<TaskComparison> comparison, string file)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        ArgumentNullException.ThrowIfNull(file);
        string a = RunFolder.Load(pathA).Result.Signature, b = RunFolder.Load(pathB).Result.Signature;
        var pairs = comparison.ToDictionary(
            task => task.Task, task => (RunFolder.LoadSamples(pathA, task.Task), RunFolder.LoadSamples(pathB, task.Task)));
        Save(file, HtmlReport.OfComparison(a, b, comparison, RunComparison.Uncompared(pathA, pathB), pairs));
    }

    private static void Save(string path, string text) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
}
