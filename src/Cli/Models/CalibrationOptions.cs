using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Eval;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Quantization;

namespace AgentKit.Cli.Models;

/// <summary>The options of commands that read calibration text or an importance matrix made from it.</summary>
internal static class CalibrationOptions
{
    private const int SmallestChunk = 16;

    public static Option<string> Text { get; } = new("--text")
    {
        Description = "Calibration text in UTF-8, like what the model will see; some ten thousand tokens and more.",
        HelpName = "file",
    };

    public static Option<string> Imatrix { get; } = new("--imatrix")
    {
        Description = "An importance matrix of this model, from 'agentkit model imatrix' or llama-imatrix.",
        HelpName = "file",
    };

    public static Option<int?> Chunks { get; } = new("--chunks") { Description = "Most chunks of the calibration text to read. [default: all]", HelpName = "n" };

    public static Option<int> Context { get; } = new("--ctx") { Description = "Tokens of a chunk, of every text that is read.", HelpName = "n", DefaultValueFactory = _ => 512 };

    public static Option<bool> ParseSpecial { get; } = new("--parse-special")
    {
        Description = "Control tokens written in the texts, such as <|im_start|>, count as such: for text in the model's chat format.",
    };

    /// <summary>The text with its hash, and how it is to be read.</summary>
    /// <exception cref="UserInputException">The file cannot be read, or a number is out of range.</exception>
    public static (string Text, string Hash, ImportanceOptions Options) Read(CommandContext context)
    {
        (int length, int? chunks) = (context.Parse.GetValue(Context), context.Parse.GetValue(Chunks));
        if (length < SmallestChunk) throw new UserInputException(Context.Name, $"{Context.Name} is {length}; {SmallestChunk} or more is allowed.");
        if (chunks < 1) throw new UserInputException(Chunks.Name, $"{Chunks.Name} is {chunks}; 1 or more is allowed.");
        string path = context.Parse.GetValue(Text)!;
        (string text, string hash) = SegmentFile.Hashed(Text.Name, path);
        return (text, hash, new()
        {
            ChunkLength = length,
            Chunks = chunks,
            ParseSpecial = context.Parse.GetValue(ParseSpecial),
            Dataset = Path.GetFileName(path),
            Threads = ModelOptions.Read(context).Threads,
            Time = context.Time,
        });
    }

    /// <summary>Refuses options that were given and that nothing will read.</summary>
    /// <param name="context">The command.</param>
    /// <param name="needed">The option without which they mean nothing.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="UserInputException">One was given.</exception>
    public static void RefuseUnused(CommandContext context, string needed, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (context.Parse.GetResult(option) is { Implicit: false })
                throw new UserInputException(option.Name, $"{option.Name} says how to read a text, and none is read; it needs {needed}.");
        }
    }

    /// <summary>The importance matrix, if one was given.</summary>
    /// <exception cref="UserInputException">The file is not one.</exception>
    public static ImportanceMatrix? ReadImatrix(CommandContext context)
    {
        if (context.Parse.GetValue(Imatrix) is not { } path) return null;
        try
        {
            return ImportanceMatrix.Read(path);
        }
        catch (UserInputException e)
        {
            throw new UserInputException(Imatrix.Name, $"{Imatrix.Name}: {e.Message}", e);
        }
    }

    /// <summary>Refuses to write over a text or matrix that the command reads; <c>--force</c> is meant for results.</summary>
    /// <param name="context">The command.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="inputs">The options that name files.</param>
    /// <exception cref="UserInputException">One of them names the output.</exception>
    public static void SpareInputs(CommandContext context, string output, params Option<string>[] inputs)
    {
        foreach (Option<string> input in inputs)
        {
            if (output.Length > 0 && context.Parse.GetValue(input) is { Length: > 0 } path && Path.GetFullPath(path) == Path.GetFullPath(output))
                throw new UserInputException("OUT", $"OUT is the file of {input.Name}, {path}; it would be lost. Give another file.");
        }
    }

    /// <summary>Says that the matrix may be another model's.</summary>
    public static void NoteOtherFile(Screen screen) => screen.Progress(
        "[yellow]note:[/] the importance matrix was made with another file: right if that was this model in another type, wrong if it was another model.");

    /// <summary>The library names its parameters; the user knows options.</summary>
    public static UserInputException Named(UserInputException fault) => fault.Field switch
    {
        "text" => Renamed(fault, Text.Name),
        "imatrix" => Renamed(fault, Imatrix.Name),
        "resume" => Renamed(fault, "--resume"),
        nameof(ImportanceOptions.OutputMatrix) => Renamed(fault, "--process-output"),
        nameof(LocalModelOptions.ContextLength) => Renamed(fault, Context.Name),
        _ => fault,
    };

    private static UserInputException Renamed(UserInputException fault, string option) => new(option, $"{option}: {fault.Message}", fault);
}
