using AgentKit.Tests.Support;

namespace AgentKit.Bench.Learning;

/// <summary>The cases that learning is measured with, in the shapes of the training commands; all of it lies in one folder.</summary>
internal sealed class LearningCases
{
    /// <summary>Cases of the weak start, that are taught, that are prompts of GRPO and PPO, and that pairs are made of.</summary>
    public const int Weak = 120, Taught = 240, Prompted = 80, Paired = 120;

    private const double Refused = 0.7;
    private const int MostCharacters = 1900;

    private readonly ToolCase[] _train;

    private LearningCases(string data, string name)
    {
        Folder = Directory.CreateDirectory(Path.Combine("artifacts", name)).FullName;
        _train = [.. ToolCase.Read(data, ["train.jsonl", "house-train.jsonl"], MostCharacters)];
        new Random(7).Shuffle(_train);
        Held = ToolCase.Read(data, ["heldout.jsonl", "house-heldout.jsonl"], MostCharacters);
        Refusing = Write("refusing.jsonl", _train[..Weak].Select((row, i) => i < Refused * Weak ? row.ToRefusal() : row.ToConversation()));
        Prompts = Write("prompts.jsonl", Lessons[..Prompted].Select(row => row.ToPrompt()));
        HeldPrompts = Write("held.jsonl", Held.Select(row => row.ToPrompt()));
    }

    /// <summary>Where data and runs are.</summary>
    public string Folder { get; }

    /// <summary>The shipped model.</summary>
    public string Model { get; } = Path.Combine(AppContext.BaseDirectory, "models", "nano.gguf");

    /// <summary>The cases to learn from, apart from those of the weak start.</summary>
    public ToolCase[] Lessons => _train[Weak..(Weak + Taught)];

    /// <summary>The cases that nothing is learned from.</summary>
    public IReadOnlyList<ToolCase> Held { get; }

    /// <summary>Conversations of the weak start.</summary>
    public string Refusing { get; }

    /// <summary>Prompts with the calls that earn something.</summary>
    public string Prompts { get; }

    /// <summary>The held-out cases as prompts.</summary>
    public string HeldPrompts { get; }

    /// <summary>What the weak start is.</summary>
    public static string WeakText => $"The weak start is an adapter fine-tuned on {Weak} other cases, {Refused:0 %} of which it saw refused.";

    /// <summary>Cases to learn from, as many as there are, or fewer.</summary>
    /// <param name="most">Most of them.</param>
    public IEnumerable<ToolCase> Others(int most) => _train.Skip(Weak).Take(most);

    /// <summary>Reads the cases.</summary>
    /// <param name="name">The folder among the artifacts.</param>
    public static LearningCases Read(string name) => new(
        TestData.Folder("nano-tools", "train.jsonl")
            ?? throw new InvalidOperationException("The nano-tools data is not here; AGENTKIT_TESTDATA names its parent folder."),
        name);

    /// <summary>Writes a file of rows.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, IEnumerable<string> rows)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllLines(path, rows);
        return path;
    }

    /// <summary>A folder for a run; what was there is gone.</summary>
    public string Fresh(string name)
    {
        string path = Path.Combine(Folder, name);
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        return path;
    }
}
