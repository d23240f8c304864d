using System.Diagnostics;
using System.Text.RegularExpressions;
using AgentKit.Eval;
using AgentKit.Eval.Comparison;
using AgentKit.Eval.Report;
using AgentKit.Eval.Tasks;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Eval;

public partial class ReportPageTests
{
    [ChromiumFact]
    public async Task Report_InABrowser_ShowsTablesPicturesAndSamples()
    {
        using var folder = new ScratchFolder();
        EvalTask[] tasks = [TaskCatalog.Find("arc_easy"), TaskCatalog.Find("mmlu"), TaskCatalog.Find("lambada")];
        await new EvalRun(new ScriptedSubject()).RunAsync(tasks, TaskData.Samples, folder["a"]);
        await new EvalRun(new ScriptedSubject { Signature = "model:b", Score = request => ScriptedSubject.Likely(request with { Continuation = request.Continuation + "!" }) })
            .RunAsync(tasks, TaskData.Samples, folder["b"]);
        RunReport.Write(folder["a"]);
        string page = await DomAsync(folder, folder["a/report.html"]);
        Assert.Equal(3, Count(page, "<h2>"));
        Assert.Equal(3, Count(page, "<svg class=\"calibration\""));
        Assert.Equal(15, Count(page, "<details class=\"sample"));
        Assert.True(Count(page, "<svg class=\"interval\"") >= 9);
        RunReport.WriteComparison(folder["a"], folder["b"], RunComparison.Compare(folder["a"], folder["b"]), folder["changed.html"]);
        string changed = await DomAsync(folder, folder["changed.html"]);
        Assert.Contains("Two evaluations compared", changed, StringComparison.Ordinal);
        Assert.Equal(3, Count(changed, "<h2>"));
    }

    [ChromiumFact]
    public async Task Report_Filter_HidesOtherSamples()
    {
        using var folder = new ScratchFolder();
        await new EvalRun(new ScriptedSubject()).RunAsync([TaskCatalog.Find("arc_easy")], TaskData.Samples, folder["a"]);
        RunReport.Write(folder["a"]);
        // The page is asked to type into its own filter.
        string typing = File.ReadAllText(folder["a/report.html"]).Replace(
            "</body>", "<script>const f = document.querySelector('.filter'); f.value = 'roots'; f.dispatchEvent(new Event('input'));</script></body>", StringComparison.Ordinal);
        string page = await DomAsync(folder, folder.Write("typed.html", typing));
        Assert.Equal(4, Hidden().Count(page));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static async Task<string> DomAsync(ScratchFolder folder, string path)
    {
        string[] arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={folder["browser"]}", "--dump-dom", new Uri(path).AbsoluteUri];
        using Process process = Process.Start(new ProcessStartInfo(ChromiumFactAttribute.Program!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string page = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return page;
    }

    [GeneratedRegex("<details class=\"sample [a-z]+\" hidden")]
    private static partial Regex Hidden();
}
