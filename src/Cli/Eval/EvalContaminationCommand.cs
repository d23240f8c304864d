using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Eval.Contamination;
using AgentKit.Eval.Tasks;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Eval;

/// <summary><c>agentkit eval contamination FILE --task TASK</c>: does a training file hold the questions?</summary>
internal static class EvalContaminationCommand
{
    private const int MostShown = 20;

    private static readonly Argument<string> File = new(
        "FILE") { Description = "Training data: JSON lines, whose texts all count, or plain text, one document a line." };

    private static readonly Option<string> TaskName = new(
        "--task") { Description = "The task whose questions must not stand in it.", HelpName = "task", Required = true };

    private static readonly Option<int> Words = new("--words")
    {
        Description = "Words that must agree in a row. 13 is common; 8 also meets phrases that everyone uses.",
        HelpName = "n",
        DefaultValueFactory = _ => 13,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("contamination",
            "Look for a task's questions in a training file: shared runs of words, and how much of each question they cover.")
        {
            File,
            TaskName,
            Words,
            DatasetOptions.Directory,
            DatasetOptions.Samples,
        },
        "agentkit eval contamination train.jsonl --task gsm8k --words 13 --json",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        int words = context.Parse.GetValue(Words);
        if (words is < 1 or > 100) throw new UserInputException(Words.Name, $"{Words.Name} is {words}; 1 to 100 is allowed.");
        EvalTask task = TaskCatalog.Find(context.Parse.GetValue(TaskName)!);
        IReadOnlyList<EvalSample> samples = task.Load(DatasetOptions.Read(context, context.Parse.GetValue(DatasetOptions.Samples)));
        int documents = 0;
        IEnumerable<string> texts = SegmentFile.Stream("FILE", context.Parse.GetValue(File)!).Select(line =>
        {
            documents++;
            return Texts(line);
        });
        IReadOnlyList<ContaminatedSample> found = ContaminationCheck.Find(samples, texts, words, context.Stop);
        EvalContaminationJson document = new(task.Name, task.Definition.Version, words, samples.Count, found.Count, documents, found);
        context.WriteJson(document);
        context.Screen.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{found.Count} of {samples.Count} questions of {task.Name} share {words} words in a row with {documents} documents"));
        foreach (ContaminatedSample one in found.Take(MostShown))
            context.Screen.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{one.Id}  {100 * one.Coverage:0} % covered, document {one.Document}: {one.Run}"));
        if (found.Count > MostShown) context.Screen.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"… and {found.Count - MostShown} more; --json lists all."));
        return ExitCode.Done;
    }

    /// <summary>All texts of a JSON line; a line that is no JSON object or array is text itself.</summary>
    private static string Texts(string line)
    {
        if (line.AsSpan().TrimStart() is not ['{' or '[', ..]) return line;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            // Runs must not reach from one field into the next: no question holds this word.
            return string.Join(" fieldboundary ", Strings(document.RootElement));
        }
        catch (JsonException)
        {
            return line;
        }
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Strings(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        _ => [],
    };
}
