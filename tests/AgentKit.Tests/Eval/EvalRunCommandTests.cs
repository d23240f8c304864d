using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

public sealed class EvalRunCommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_StoredAnswers_GradesThemAndWritesTheReports()
    {
        string answers = Answers("a.jsonl", "7", "60", "999", "6");
        JsonElement result = await JsonAsync(
            "eval", "run", "gsm8k", "--samples", "--shots", "0", "--answers", answers, "--out", _folder["a"]);
        JsonElement task = Assert.Single(result.GetProperty("tasks").EnumerateArray());
        Assert.Equal("gsm8k", task.GetProperty("task").GetString());
        Assert.Equal(1, task.GetProperty("version").GetInt32());
        Assert.Equal(4, task.GetProperty("n").GetInt32());
        Assert.Equal("flexible_match", task.GetProperty("metric").GetString());
        Assert.Equal(0.75, task.GetProperty("value").GetDouble());
        Assert.Equal(Math.Sqrt(0.75 * 0.25 / 3), task.GetProperty("stderr").GetDouble(), 12);
        Assert.Equal(2, task.GetProperty("ci95").GetArrayLength());
        Assert.Equal(0, task.GetProperty("errors").GetInt32());
        Assert.Contains("answers:a.jsonl", result.GetProperty("signature").GetString(), StringComparison.Ordinal);
        Assert.Equal(_folder["a"], result.GetProperty("out").GetString());
        Assert.Contains("0.7500", File.ReadAllText(_folder["a/report.md"]), StringComparison.Ordinal);
        string page = File.ReadAllText(_folder["a/report.html"]);
        Assert.Contains("<svg class=\"interval\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ResumedWithOtherAnswersInTheFile_IsRefused()
    {
        string[] command = ["eval", "run", "gsm8k", "--samples", "--shots", "0", "--answers", Answers("a.jsonl", "7", "0", "0", "0"), "--out", _folder["a"]];
        await JsonAsync(command);
        Assert.Equal(0.25, (await JsonAsync([.. command, "--resume"])).GetProperty("tasks")[0].GetProperty("value").GetDouble());
        Answers("a.jsonl", "7", "60", "1000", "6");
        CliRun run = await CliRun.OfAsync([.. command, "--resume", "--data", _folder["home"]]);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("sha256 is", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AnswerMissing_IsAnErrorOfThatSample()
    {
        string answers = _folder.Write(
            "a.jsonl", "{\"id\": 0, \"answer\": \"#### 7\"}\n{\"task_id\": \"2\", \"completion\": \"A: 1000\"}\n");
        JsonElement task = (await JsonAsync(
            "eval", "run", "gsm8k", "--samples", "--shots", "0", "--answers", answers, "--out", _folder["a"])).GetProperty("tasks")[0];
        Assert.Equal(
            (2, 2, 1.0), (task.GetProperty("n").GetInt32(), task.GetProperty("errors").GetInt32(), task.GetProperty("value").GetDouble()));
        Assert.Equal(["1", "3"], task.GetProperty("failures").EnumerateArray().Select(failure => failure.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Run_OneOfTwoTasksFailsWhole_WritesTheOtherAndExitsWithOne()
    {
        string answers = Answers("a.jsonl", "7", "60", "999", "6");
        CliRun run = await CliRun.OfAsync(
            "eval", "run", "arc_easy", "gsm8k", "--samples", "--shots", "0", "--answers", answers, "--out", _folder["a"], "--json");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        JsonElement result = JsonSerializer.Deserialize<JsonElement>(run.Out);
        Assert.Equal(0.75, Assert.Single(result.GetProperty("tasks").EnumerateArray()).GetProperty("value").GetDouble());
        JsonElement failed = Assert.Single(result.GetProperty("failed").EnumerateArray());
        Assert.Equal("arc_easy", failed.GetProperty("task").GetString());
        Assert.Equal(failed.GetProperty("samples").GetInt32(), failed.GetProperty("failures").GetArrayLength());
        Assert.Contains("arc_easy has no number", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["a/results.json"]));
    }

    [Fact]
    public async Task Compare_TwoRuns_PairsThemAndWritesAPage()
    {
        await JsonAsync("eval", "run", "gsm8k", "--samples", "--shots", "0", "--answers", Answers(
            "a.jsonl", "7", "0", "0", "0"), "--out", _folder["a"]);
        await JsonAsync("eval", "run", "gsm8k", "--samples", "--shots", "0", "--answers", Answers(
            "b.jsonl", "7", "60", "1000", "6"), "--out", _folder["b"]);
        JsonElement task = (await JsonAsync("eval", "compare", _folder["a"], _folder["b"], "--report", _folder["changed.html"]))
            .GetProperty("tasks")[0];
        Assert.Equal(0.75, task.GetProperty("difference").GetDouble());
        Assert.Equal(0.25, task.GetProperty("p_value").GetDouble(), 12);
        Assert.Equal("mcnemar_exact", task.GetProperty("test").GetString());
        Assert.Contains("wrong → right", File.ReadAllText(_folder["changed.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_TaskWithoutANumber_IsNamedAndFailsWhenBothRanIt()
    {
        string answers = Answers("a.jsonl", "7", "60", "999", "6");
        await CliRun.OfAsync("eval", "run", "arc_easy", "gsm8k", "--samples", "--shots", "0", "--answers", answers, "--out", _folder["a"], "--data", _folder["home"]);
        await JsonAsync("eval", "run", "gsm8k", "--samples", "--shots", "0", "--answers", answers, "--out", _folder["b"]);
        JsonElement compared = await JsonAsync("eval", "compare", _folder["a"], _folder["b"]);
        JsonElement left = Assert.Single(compared.GetProperty("uncompared").EnumerateArray());
        Assert.Equal(("arc_easy", "failed", "absent"), (left.GetProperty("task").GetString(), left.GetProperty("a").GetString(), left.GetProperty("b").GetString()));
        CliRun both = await CliRun.OfAsync("eval", "compare", _folder["a"], _folder["a"], "--json", "--data", _folder["home"]);
        Assert.Equal(ExitCode.Failed, both.ExitCode);
        Assert.Contains("arc_easy is not compared", both.Error, StringComparison.Ordinal);
        Assert.Equal("gsm8k", JsonSerializer.Deserialize<JsonElement>(both.Out).GetProperty("tasks")[0].GetProperty("task").GetString());
    }

    [Fact]
    public async Task Report_TextOfAModel_IsShownAsText()
    {
        string answers = _folder.Write("a.jsonl", string.Concat(
            Enumerable.Range(0, 4).Select(i => $"{{\"id\": \"{i}\", \"answer\": \"<script>alert({i})</script>\"}}\n")));
        await JsonAsync("eval", "run", "gsm8k", "--samples", "--shots", "0", "--answers", answers, "--out", _folder["a"]);
        string page = File.ReadAllText(_folder["a/report.html"]);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Tasks_NamesEachWithItsFiles()
    {
        JsonElement[] tasks = [.. (await JsonAsync("eval", "list")).GetProperty("tasks").EnumerateArray()];
        Assert.True(tasks.Length >= 25);
        JsonElement gsm8k = Assert.Single(tasks, task => task.GetProperty("task").GetString() == "gsm8k");
        Assert.Equal("gsm8k/test.jsonl", gsm8k.GetProperty("files")[0].GetString());
    }

    [Fact]
    public async Task Contamination_QuestionInATrainingFile_IsFound()
    {
        string training = _folder.Write(
            "train.jsonl",
            """{"messages":[{"role":"user","content":"Lena has 3 boxes with 4 pens each. She gives away 5 pens. How many?"}]}""" + "\nplain text\n");
        JsonElement found = await JsonAsync("eval", "contamination", training, "--task", "gsm8k", "--samples", "--words", "8");
        Assert.Equal((1, 4), (found.GetProperty("contaminated").GetInt32(), found.GetProperty("samples").GetInt32()));
        Assert.Equal("0", found.GetProperty("found")[0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("no task 'nonsense'", "eval", "run", "nonsense", "--samples")]
    [InlineData("gsm8k/test.jsonl", "eval", "run", "gsm8k", "--datasets", ".")]
    [InlineData("--datasets: there is no directory", "eval", "run", "gsm8k", "--datasets", "no-such-folder")]
    [InlineData("--limit", "eval", "run", "gsm8k", "--samples", "--limit", "0")]
    [InlineData("--shard is '3/2'", "eval", "run", "gsm8k", "--samples", "--shard", "3/2")]
    [InlineData("--run-code", "eval", "run", "humaneval", "--samples")]
    [InlineData("--shots: 2 worked examples are asked for; llmbar", "eval", "run", "llmbar", "--samples", "--shots", "2")]
    [InlineData("--cache", "eval", "run", "gsm8k", "--samples", "--cache", "c", "--parallel", "2")]
    [InlineData("--resume needs --out", "eval", "run", "gsm8k", "--samples", "--resume")]
    [InlineData("named twice", "eval", "run", "arc_easy", "arc_easy", "--samples", "--out", "twice")]
    [InlineData("--answers: there is no file", "eval", "run", "gsm8k", "--samples", "--answers", "no-such-file")]
    [InlineData("no model is named 'nobody'", "eval", "run", "gsm8k", "--samples", "-m", "nobody")]
    [InlineData("there is no folder", "eval", "compare", "no-such-run", "other")]
    [InlineData("--words is 0", "eval", "contamination", "x", "--task", "gsm8k", "--words", "0")]
    public async Task Command_WrongInput_ExitsWithTwoAndSaysWhy(string expected, params string[] args)
    {
        CliRun run = await CliRun.OfAsync([.. args, "--json", "--data", _folder["home"]]);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\"value\"", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("{\"id\": 1}", "line 1: an object with")]
    [InlineData("[1]", "line 1: an object with")]
    [InlineData("{\"id\": 1", "line 1: not JSON")]
    public async Task Run_DamagedAnswerFile_NamesTheLine(string content, string expected)
    {
        CliRun run = await CliRun.OfAsync(
            "eval", "run", "gsm8k", "--samples", "--answers", _folder.Write("a.jsonl", content), "--out", _folder["a"]);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private string Answers(string name, params string[] numbers) =>
        _folder.Write(
            name, string.Concat(numbers.Select((number, i) => $"{{\"id\": \"{i}\", \"answer\": \"So it is\\n#### {number}\"}}\n")));

    private async Task<JsonElement> JsonAsync(params string[] args)
    {
        CliRun run = await CliRun.OfAsync([.. args, "--json", "--data", _folder["home"]]);
        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        return JsonSerializer.Deserialize<JsonElement>(run.Out);
    }
}
