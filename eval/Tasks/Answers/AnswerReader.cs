using System.Globalization;
using System.Text.Json;
using AgentKit.Eval.Metrics;
using AgentKit.Eval.Retrieval;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;

namespace AgentKit.Eval.Tasks.Answers;

/// <summary>Reads questions with written answers out of the shapes in which they are published, and knows what a right answer is.</summary>
internal abstract class AnswerReader
{
    private static readonly AnswerMetric Exact = new(exact: true);
    private static readonly AnswerMetric Overlap = new(exact: false);

    public abstract IReadOnlyList<string> Metrics { get; }

    public abstract IEnumerable<EvalSample> Read(EvalTask task, TaskData data, IReadOnlyList<string> files);

    public abstract SampleGrade Grade(EvalSample sample, string text);

    /// <summary>Whether each part is a task of its own, such as a subtask or a language.</summary>
    public virtual bool ExamplesByPart => false;

    /// <summary>The answer as an example shows it.</summary>
    public virtual string Target(EvalSample sample) => sample.References[0];

    public static AnswerReader Find(string name) => name switch
    {
        "math_words" => new MathWords(),
        "worked_examples" => new WorkedExamples(),
        "questions" => new Questions(),
        "passages" => new Passages(),
        _ => throw new FormatException(
            $"There is no reader '{name}' for answers; known: math_words, worked_examples, questions, passages."),
    };

    /// <summary>GSM8K: <c>{"question", "answer": "… #### 18"}</c>.</summary>
    private sealed class MathWords : AnswerReader
    {
        public override IReadOnlyList<string> Metrics => ["flexible_match", "strict_match"];

        public override IEnumerable<EvalSample> Read(EvalTask task, TaskData data, IReadOnlyList<string> files) =>
            JsonRows.All(data, task.Name, files).Select((row, i) => new EvalSample(Number(i), row.Text("question"))
            {
                References = [NumberAnswer.Marked(row.Text("answer")) ?? throw new FormatException($"Row {i} has no '#### number'.")],
                Row = row,
            });

        public override string Target(EvalSample sample) => sample.Row.Text("answer");

        public override SampleGrade Grade(EvalSample sample, string text)
        {
            string? marked = NumberAnswer.Marked(text), last = marked ?? NumberAnswer.Last(text);
            string right = sample.References[0];
            Dictionary<string, double> metrics = new()
            {
                ["flexible_match"] = NumberAnswer.AreEqual(last, right) ? 1 : 0,
                ["strict_match"] = NumberAnswer.AreEqual(marked, right) ? 1 : 0,
            };
            return new(metrics, last ?? "", right);
        }
    }

    /// <summary>BIG-Bench Hard: <c>{"examples": [{"input", "target"}]}</c>, a file a subtask, and its worked examples as text.</summary>
    private sealed class WorkedExamples : AnswerReader
    {
        public override IReadOnlyList<string> Metrics => ["exact_match"];

        public override bool ExamplesByPart => true;

        public override IEnumerable<EvalSample> Read(EvalTask task, TaskData data, IReadOnlyList<string> files)
        {
            foreach ((string name, string text) in data.Read(task.Name, files[0]))
            {
                string part = Path.GetFileNameWithoutExtension(name);
                string examples = data.Read(task.Name, $"bbh/cot-prompts/{part}.txt")[0].Text;
                // Before the line of dashes stands the mark that keeps the data out of training corpora; it is no part of the prompt.
                string preamble = examples[(examples.IndexOf("-----\n", StringComparison.Ordinal) is >= 0 and var at ? at + 6 : 0)..]
                    .Trim();
                using JsonDocument document = JsonDocument.Parse(text);
                int i = 0;
                foreach (JsonElement row in document.RootElement.GetProperty("examples").EnumerateArray())
                    yield return new(
                        $"{part}/{i++}", row.Text("input")) { References = [row.Text("target")], Group = part, Preamble = preamble };
            }
        }

        public override SampleGrade Grade(EvalSample sample, string text)
        {
            string found = ConclusionAnswer.Find(text), right = sample.References[0];
            return new(new Dictionary<string, double> { ["exact_match"] = ConclusionAnswer.AreEqual(found, right) ? 1 : 0 }, found, right);
        }
    }

    /// <summary>
    /// <c>{"question", "answer"}</c>, as HotpotQA; with <c>context</c> (<c>[[title, [sentences]]]</c>) the three passages that a knowledge base of all
    /// passages in the file finds for the question stand before it.
    /// </summary>
    private sealed class Questions : AnswerReader
    {
        private const int MostPassages = 3;

        public override IReadOnlyList<string> Metrics => ["f1", "exact_match"];

        public override IEnumerable<EvalSample> Read(EvalTask task, TaskData data, IReadOnlyList<string> files)
        {
            JsonElement[] rows = [.. JsonRows.All(data, task.Name, files)];
            string[] before = Found(rows);
            return rows.Select((row, i) => new EvalSample(Number(i), before[i] + $"Question: {row.Text("question").Trim()}")
            {
                References = row.GetProperty("answer").ValueKind == JsonValueKind.Array ? row.Texts("answer") : [row.Text("answer")],
                Group = row.TryGetProperty("type", out JsonElement type) ? type.GetString() : null,
            });
        }

        public override SampleGrade Grade(EvalSample sample, string text) => Compare(sample, text);

        /// <summary>What stands before each question; nothing where the rows have no passages.</summary>
        private static string[] Found(JsonElement[] rows)
        {
            SourceText[] passages = [.. rows.SelectMany(PassagesOf).DistinctBy(passage => passage.Source)];
            if (passages.Length == 0) return Array.ConvertAll(rows, _ => "");
            // Reading is no asynchronous operation: the questions are not known before the passages are searched.
            using PassageSearch search = PassageSearch.CreateAsync(passages, SearchMode.Keyword, null, CancellationToken.None).GetAwaiter().GetResult();
            Dictionary<string, string> texts = passages.ToDictionary(passage => passage.Source, passage => passage.Text);
            return Array.ConvertAll(rows, row =>
            {
                var found = search.RankAsync(row.Text("question"), MostPassages, CancellationToken.None).GetAwaiter().GetResult();
                return string.Concat(found.Select(source => $"Passage: {source}: {texts[source]}\n"));
            });
        }

        private static IEnumerable<SourceText> PassagesOf(JsonElement row) => row.TryGetProperty("context", out JsonElement context)
            ? context.EnumerateArray().Select(passage => new SourceText(
                passage[0].GetString()!, string.Concat(passage[1].EnumerateArray().Select(sentence => sentence.GetString()))) { Title = passage[0].GetString() })
            : [];
    }

    /// <summary>SQuAD's shape: paragraphs with questions whose answers stand in them.</summary>
    private sealed class Passages : AnswerReader
    {
        public override bool ExamplesByPart => true;

        public override IReadOnlyList<string> Metrics => ["f1", "exact_match"];

        public override IEnumerable<EvalSample> Read(EvalTask task, TaskData data, IReadOnlyList<string> files)
        {
            foreach ((string name, string text) in files.SelectMany(file => data.Read(task.Name, file)))
            {
                using JsonDocument document = JsonDocument.Parse(text);
                int paragraphs = 0;
                foreach (JsonElement paragraph in document.RootElement.GetProperty("data").EnumerateArray()
                    .SelectMany(article => article.GetProperty("paragraphs").EnumerateArray()))
                {
                    string cluster = $"{Path.GetFileNameWithoutExtension(name)}/{paragraphs++}", context = paragraph.Text("context");
                    foreach (JsonElement question in paragraph.GetProperty("qas").EnumerateArray())
                    {
                        yield return new($"{Path.GetFileNameWithoutExtension(name)}/{question.Text("id")}",
                            $"Passage: {context}\nQuestion: {question.Text("question").Trim()}")
                        {
                            References = [.. question.GetProperty("answers").EnumerateArray().Select(answer => answer.Text("text"))],
                            Group = Path.GetFileNameWithoutExtension(name),
                            Cluster = cluster,
                        };
                    }
                }
            }
        }

        public override SampleGrade Grade(EvalSample sample, string text) => Compare(sample, text);
    }

    private static SampleGrade Compare(EvalSample sample, string text)
    {
        string answer = text.Trim().Split('\n')[0].Trim();
        Dictionary<string, double> metrics = new()
        {
            ["f1"] = Overlap.Statistics(answer, sample.References)[0],
            ["exact_match"] = Exact.Statistics(answer, sample.References)[0],
        };
        return new(metrics, answer, string.Join(" | ", sample.References));
    }

    private static string Number(int index) => index.ToString(CultureInfo.InvariantCulture);
}
