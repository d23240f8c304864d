using System.Reflection;
using System.Text.RegularExpressions;
using AgentKit.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AgentKit.SlowTests.Cli;

/// <summary>The library examples of README.md are compiled as they stand there, and run.</summary>
public class ReadmeExampleTests
{
    private const string ImplicitUsings = "global using System; global using System.Collections.Generic; global using System.Threading.Tasks;";

    [Fact]
    public async Task LibraryExample_CompiledAndRun_AnswersWithATool()
    {
        string[] lines = await RunAsync(0);
        Assert.Equal("hello", lines[0]);
        Assert.StartsWith("347 + 518 = 865. (3 steps, run ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task TypedExample_CompiledAndRun_PrintsMembersOfTheValue() => Assert.Matches("^name (True|False), nights -?[0-9]+$", (await RunAsync(1))[0]);

    private static async Task<string[]> RunAsync(int example)
    {
        MethodInfo main = Compile(Examples("README.md").ElementAt(example)).EntryPoint!;
        TextWriter console = Console.Out;
        var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            object? returned = main.Invoke(null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
            if (returned is Task task) await task;
        }
        finally
        {
            Console.SetOut(console);
            File.Delete("journal.db");
        }

        return output.ToString().Split(Environment.NewLine);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/local-model.md")]
    [InlineData("docs/durable-runs.md")]
    [InlineData("docs/agents.md")]
    [InlineData("docs/tools.md")]
    [InlineData("docs/server.md")]
    [InlineData("docs/memory.md")]
    public void GuideExamples_AsTheyStandThere_Compile(string guide)
    {
        string[] examples = [.. Examples(guide)];
        Assert.NotEmpty(examples);
        Array.ForEach(examples, example => Compile(example));
    }

    private static IEnumerable<string> Examples(string document) =>
        Regex.Matches(Repository.Read(document), "(?ms)^```csharp\n(.*?)\n```$").Select(match => match.Groups[1].Value);

    private static Assembly Compile(string code)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "ReadmeExample",
            [CSharpSyntaxTree.ParseText(ImplicitUsings, options), CSharpSyntaxTree.ParseText(code, options)],
            platform.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return Assembly.Load(image.ToArray());
    }
}
