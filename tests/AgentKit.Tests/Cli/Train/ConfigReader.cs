using System.Collections;
using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Cli.Train;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Cli.Train;

/// <summary>Reads configurations as the training commands do, without running them.</summary>
public sealed class ConfigReader : IDisposable
{
    /// <summary>A model beside the configurations.</summary>
    public const string Model = "other.gguf";

    /// <summary>Files that configurations of these tests name; those that are not there are refused.</summary>
    private static readonly string[] Files = ["rows.jsonl", "more.jsonl", "first.gguf", "usual", "another"];

    private static readonly Dictionary<string, Func<CommandContext, string, RunSettings>> Readers = new()
    {
        ["sft"] = SftConfigFile.Read,
        ["dpo"] = PreferenceConfigFile.ReadPairs,
        ["kto"] = PreferenceConfigFile.ReadVerdicts,
        ["reward"] = PreferenceConfigFile.ReadReward,
        ["distill"] = DistillConfigFile.Read,
        ["grpo"] = GrpoConfigFile.Read,
        ["ppo"] = PpoConfigFile.Read,
        ["pretrain"] = (_, file) => PretrainConfigFile.Read(file),
    };

    private readonly ScratchFolder _folder = new();
    private readonly Terminal _terminal = new(TextReader.Null, TextWriter.Null, TextWriter.Null);
    private readonly Interrupts _interrupts = new();
    private readonly CommandContext _context;

    public ConfigReader()
    {
        var options = new GlobalOptions();
        var root = new RootCommand();
        options.AddTo(root);
        _context = new(root.Parse(["--data", _folder.Path]), options, _terminal, _interrupts, TimeProvider.System);
        TestModel.Create(_folder[Model]);
        foreach (string file in Files) _folder.Write(file, "");
    }

    public static IEnumerable<string> Commands => Readers.Keys;

    public void Dispose()
    {
        _interrupts.Dispose();
        _terminal.Dispose();
        _folder.Dispose();
    }

    /// <summary>Everything that the run is told, as text.</summary>
    public string Read(string command, JsonObject config) => Describe(Options(command, config));

    public RunSettings Options(string command, JsonObject config) => Readers[command](_context, _folder.Write("config.json", config.ToJsonString()));

    /// <summary>Why the configuration is refused; <c>null</c> when it is not.</summary>
    public string? Refusal(string command, JsonObject config)
    {
        try
        {
            Read(command, config);
            return null;
        }
        catch (UserInputException e)
        {
            return e.Message;
        }
    }

    private static string Describe(object? value) => value switch
    {
        null => "null",
        string text => text,
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Describe))}]",
        _ when value.GetType() is var type && type.IsClass && type.FullName!.StartsWith("AgentKit.Training.", StringComparison.Ordinal) =>
            $"{type.Name}({string.Join("; ", Properties(type).Select(property => $"{property.Name} = {Describe(property.GetValue(value))}"))})",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0);
}
