using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Testing;

namespace AgentKit.Tests.Cli;

public class CommandLineAppTests
{
    [Theory]
    [InlineData("no command of agentkit", "bogus")]
    [InlineData("--bogus", "doctor", "--bogus")]
    [InlineData("show", "runs")]
    [InlineData("TASK", "run", "")]
    [InlineData("--root", "run", "What is 1 plus 1?", "--root", "no-such-folder")]
    [InlineData("--approve", "run", "What is 1 plus 1?", "--approve", "perhaps")]
    [InlineData("--max-steps", "run", "What is 1 plus 1?", "--max-steps", "0")]
    [InlineData("--model", "chat", "-p", "hello", "-m", "no-such-model")]
    [InlineData("--model", "run", "What is 1 plus 1?", "-m", "no/such.gguf")]
    [InlineData("--model", "chat", "-p", "hello", "-m", ".")]
    [InlineData("--prompt", "chat", "-p", " ")]
    [InlineData("--root", "mcp", "serve", "--root", "no-such-folder")]
    [InlineData("JSON", "mcp", "call", "clock", "[1]", "--server", "none")]
    [InlineData("--data", "doctor", "--data", "")]
    [InlineData("--method: Argument 'none'", "model", "prune", "nano", "out.gguf", "--method", "none")]
    [InlineData("--chunks is 'many'; a whole number is expected", "model", "imatrix", "nano", "--out", "out.gguf", "--chunks", "many")]
    [InlineData("--prompt-tokens", "model", "bench", "--prompt-tokens", "0")]
    public async Task RunAsync_WrongInput_ExitsWithTwoAndOneParagraph(string named, params string[] args)
    {
        CliRun run = await CliRun.OfAsync(args);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(run.Error.Length - Environment.NewLine.Length, run.Error.IndexOf(Environment.NewLine, StringComparison.Ordinal));
        if (named != "no command of agentkit") Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_WrongInputWithJson_PrintsOneDocument()
    {
        CliRun run = await CliRun.OfAsync("chat", "-p", "hello", "-m", "no-such-model", "--json");
        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal("--model", document.RootElement.GetProperty("error").GetProperty("field").GetString());
    }

    [Fact]
    public async Task RunAsync_WrongOptionWithJson_NamesTheOption()
    {
        CliRun run = await CliRun.OfAsync("model", "prune", "nano", "out.gguf", "--method", "none", "--json");
        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal("--method", document.RootElement.GetProperty("error").GetProperty("field").GetString());
    }

    [Fact]
    public void Write_FullDisk_IsNoFaultOfOurs()
    {
        var error = new StringWriter();
        using var terminal = new Terminal(TextReader.Null, TextWriter.Null, error);
        Assert.Equal(ExitCode.Failed, ErrorReport.Write(terminal, new IOException("No space left on device : '/data/out.gguf'"), json: false, verbose: false));
        Assert.Equal($"error: a file cannot be read or written: No space left on device : '/data/out.gguf'{Environment.NewLine}", error.ToString());
    }

    [Fact]
    public async Task RunAsync_NoArguments_ShowsHelp()
    {
        CliRun run = await CliRun.OfAsync();
        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("doctor", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_OfEveryCommand_ShowsEveryOptionEverywhereAndAnExample()
    {
        using var terminal = new Terminal(TextReader.Null, TextWriter.Null, TextWriter.Null);
        using var interrupts = new Interrupts();
        var host = new CommandHost(terminal, interrupts, TimeProvider.System);
        CommandTree.Create(host);
        Assert.NotEmpty(host.Examples);
        foreach (var command in host.Examples.Keys)
        {
            CliRun help = await CliRun.OfAsync([.. command.PathFromRoot().Skip(1), "--help"]);
            Assert.Equal(ExitCode.Done, help.ExitCode);
            Assert.All(
                (string[])["-m, --model", "--data", "--json", "--quiet", "--verbose", "Example:", string.Join(' ', command.PathFromRoot())],
                text => Assert.Contains(text, help.Out, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Doctor_WithJson_PrintsOneDocumentOfChecks()
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("agentkit-");
        try
        {
            CliRun run = await CliRun.OfAsync("doctor", "--json", "--data", data.FullName);
            using JsonDocument document = JsonDocument.Parse(run.Out);
            JsonElement[] checks = [.. document.RootElement.GetProperty("checks").EnumerateArray()];
            string[] names = [.. checks.Select(check => check.GetProperty("name").GetString()!)];
            Assert.All((string[])["dotnet", "platform", "cpu", "cores", "memory", "native", "model", "data", "journal", "settings"], name => Assert.Contains(name, names));
            Assert.All(checks, check => Assert.Equal(!check.GetProperty("ok").GetBoolean(), check.TryGetProperty("mend", out _)));
            bool healthy = checks.All(check => check.GetProperty("ok").GetBoolean() || !check.GetProperty("required").GetBoolean());
            Assert.Equal(healthy ? ExitCode.Done : ExitCode.Failed, run.ExitCode);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task RunsList_EmptyDataDirectory_ListsNothingAndCreatesNothing()
    {
        string data = Path.Combine(Path.GetTempPath(), $"agentkit-{Guid.NewGuid():n}");
        CliRun run = await CliRun.OfAsync("runs", "list", "--json", "--data", data);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal(0, document.RootElement.GetProperty("runs").GetArrayLength());
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task RunsShow_UnknownRun_NamesIt()
    {
        CliRun run = await CliRun.OfAsync("runs", "show", "no-such-run", "--data", Path.Combine(Path.GetTempPath(), $"agentkit-{Guid.NewGuid():n}"));
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("no-such-run", run.Error, StringComparison.Ordinal);
    }
}
