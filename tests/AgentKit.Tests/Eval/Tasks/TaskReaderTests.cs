using AgentKit.Eval.Tasks;
using AgentKit.Eval.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval.Tasks;

public sealed class TaskReaderTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. TaskCatalog.All.Select(task => task.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_BuiltInSamples_AreWhatTheTaskExpects(string name)
    {
        EvalTask task = TaskCatalog.Find(name);
        IReadOnlyList<EvalSample> samples = task.Load(TaskData.Samples);
        Assert.NotEmpty(samples);
        Assert.All(samples, sample => Assert.All(sample.Gold, gold => Assert.InRange(gold, 0, sample.Choices.Count - 1)));
        if (task.Definition.ExampleFiles is not null) Assert.True(task.LoadExamples(TaskData.Samples).Count > task.Definition.Shots);
        Assert.Equal(task.Definition.Version, task.Definition.Changes.Max(change => change.Version));
    }

    [EvalDataTheory("commonsense/ARC-Easy.test.json")]
    [InlineData("arc_easy", 2376)]
    [InlineData("arc_challenge", 1172)]
    [InlineData("boolq", 3270)]
    [InlineData("openbookqa", 500)]
    [InlineData("piqa", 1838)]
    [InlineData("social_iqa", 1954)]
    [InlineData("winogrande", 1267)]
    [InlineData("hellaswag", 10042)]
    [InlineData("lambada", 5153)]
    [InlineData("mmlu", 9143)]
    [InlineData("truthfulqa_mc1", 790)]
    [InlineData("truthfulqa_mc2", 790)]
    [InlineData("gsm8k", 1319)]
    [InlineData("bbh", 6511)]
    [InlineData("hotpotqa", 7405)]
    [InlineData("xquad", 3570)]
    [InlineData("ifeval", 541)]
    [InlineData("humaneval", 164)]
    [InlineData("mbpp", 427)]
    [InlineData("bfcl", 2757)]
    [InlineData("llmbar", 419)]
    [InlineData("mt_bench_pairs", 200)]
    [InlineData("retrieval", 225)]
    public void Load_PublishedData_HasAllSamples(string name, int count) =>
        Assert.Equal(count, TaskCatalog.Find(name).Load(Published).Count);

    [EvalDataFact("hellaswag/hellaswag_val_full.txt.bz2")]
    public void Load_HellaSwag_HasThePublishedLabels()
    {
        var labels = TaskCatalog.Find("hellaswag").Load(Published).CountBy(sample => sample.Gold[0]).ToDictionary();
        Assert.Equal((2515, 2485, 2584, 2458), (labels[0], labels[1], labels[2], labels[3]));
    }

    [EvalDataTheory("commonsense/ARC-Easy.test.json")]
    [InlineData("arc_challenge", 3, 5)]
    [InlineData("piqa", 2, 2)]
    [InlineData("social_iqa", 3, 3)]
    [InlineData("openbookqa", 4, 4)]
    public void Load_PublishedChoices_AreAsManyAsTheTaskHas(string name, int least, int most) =>
        Assert.All(TaskCatalog.Find(name).Load(Published), sample =>
        {
            Assert.InRange(sample.Choices.Count, least, most);
            Assert.All(sample.Choices, choice => Assert.NotEqual("", choice.Text));
            Assert.DoesNotContain("Answer1:", sample.Question, StringComparison.Ordinal);
        });

    [Fact]
    public void Load_WinograndeSample_PutsTheAnswerBeforeTheTextThatIsScored()
    {
        EvalSample sample = TaskCatalog.Find("winogrande").Load(TaskData.Samples)[0];
        Assert.Equal("The cup did not fit into the box because the cup", sample.Choices[0].Context);
        Assert.Equal(" was too big for it.", sample.Choices[0].Continuation);
    }

    [Fact]
    public void Load_OneGroup_HoldsOnlyThat()
    {
        Assert.All(TaskCatalog.Find("mmlu:arithmetic").Load(TaskData.Samples), sample => Assert.Equal("arithmetic", sample.Group));
        UserInputException e = Assert.Throws<UserInputException>(() => TaskCatalog.Find("mmlu:poetry").Load(TaskData.Samples));
        Assert.Contains("Known: arithmetic, geography", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("[]", "holds no samples")]
    [InlineData("[{\"instruction\": \"no list\"", "not JSON")]
    [InlineData("[{\"instruction\": \"no list\", \"answer\": \"answer1\"}]", "no list of answers")]
    [InlineData("[{\"instruction\": \"q: x\\n\\nAnswer1: a Answer2: b\\n\\nAnswer format: answer1/answer2\", \"answer\": \"answer7\"}]",
        "said to be number 7")]
    public void Load_DamagedFile_NamesTaskAndFault(string content, string expected)
    {
        _folder.Write("commonsense/ARC-Easy.test.json", content);
        UserInputException e = Assert.Throws<UserInputException>(() => TaskCatalog.Find("arc_easy").Load(TaskData.Directory(_folder.Path)));
        Assert.StartsWith("arc_easy: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_InvalidUtf8_NamesTheLine()
    {
        _folder.Write("gsm8k/test.jsonl", [.. "{}\n\""u8, 0xFF]);
        UserInputException e = Assert.Throws<UserInputException>(() => TaskCatalog.Find("gsm8k").Load(TaskData.Directory(_folder.Path)));
        Assert.Contains("line 2: byte 4 is not UTF-8", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_TaskFile_IsATaskOfItsOwn()
    {
        string path = _folder.Write(
            "own.json",
            """{"name":"own","version":3,"description":"mine","kind":"choice","reader":"rows","files":["q.jsonl"],"metric":"acc","changes":[{"version":3,"change":"x"}]}""");
        _folder.Write("q.jsonl", """{"id":"a","question":"1 + 1 =","choices":["2","3"],"answer":0}""");
        EvalSample sample = Assert.Single(TaskCatalog.Find(path).Load(TaskData.Directory(_folder.Path)));
        Assert.Equal(("a", 2), (sample.Id, sample.Choices.Count));
        _folder.Write("own.json",
            """{"name":"own","version":3,"description":"mine","kind":"guess","reader":"rows","files":[],"metric":"acc","changes":[]}""");
        Assert.Contains(
            "no kind 'guess'", Assert.Throws<UserInputException>(() => TaskCatalog.Find(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HellaSwagAsJsonLines_IsWhatItsTextFormIs()
    {
        TaskData data = TaskData.Directory(_folder.Path);
        _folder.Write("hellaswag/hellaswag_val_full.txt",
            "Making tea: A man. he\n1\nthrows it.\nwaits.\nreads.\nplants it.\nA girl and\n0\ngets on.\neats.\nsleeps.\nsells.\n");
        IReadOnlyList<EvalSample> text = TaskCatalog.Find("hellaswag").Load(data);
        _folder.Write("hellaswag/hellaswag_val_full.txt",
            """
            {"ind":4,"activity_label":"Making tea","ctx_a":"A man.","ctx_b":"he","ctx":"A man. he","endings":["throws it.","waits.","[substeps] reads.","plants it."],"label":1}
            {"ctx":"A girl and","endings":["gets on.","eats.","sleeps.","sells."],"label":"0"}
            """);
        IReadOnlyList<EvalSample> rows = TaskCatalog.Find("hellaswag").Load(data);
        Assert.Equal(
            text.Select(sample => (sample.Id, sample.Question, string.Join('|', sample.Choices.Select(choice => choice.Text)), sample.Gold[0])),
            rows.Select(sample => (sample.Id, sample.Question, string.Join('|', sample.Choices.Select(choice => choice.Text.Trim())), sample.Gold[0])));
        _folder.Write("hellaswag/hellaswag_val_full.txt", """{"ctx":"A girl and","endings":["gets on.","eats."]}""");
        Assert.Contains("has no label", Assert.Throws<UserInputException>(() => TaskCatalog.Find("hellaswag").Load(data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RowWithOneChoice_IsRefused()
    {
        string path = _folder.Write(
            "own.json",
            """{"name":"own","version":1,"description":"mine","kind":"choice","reader":"rows","files":["q.jsonl"],"metric":"acc","changes":[]}""");
        _folder.Write("q.jsonl", """{"id":"a","question":"1 + 1 =","choices":["2"],"answer":0}""");
        UserInputException e = Assert.Throws<UserInputException>(() => TaskCatalog.Find(path).Load(TaskData.Directory(_folder.Path)));
        Assert.Contains("Question a has 1 choices; two or more are expected.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1234, 1319, "902 239 15 185 1192 71", "171 201 726 484 35 63")]
    [InlineData(1234, 10, "7 1 0", "1 0 9")]
    [InlineData(0, 30, "27 12 24 28 13", null)]
    public void Sample_OfPythonRandom_DrawsWhatPythonDraws(uint seed, int population, string first, string? second)
    {
        var random = new PythonRandom(seed);
        int count = first.Split(' ').Length;
        Assert.Equal(first, string.Join(' ', random.Sample(population, count)));
        if (second is not null) Assert.Equal(second, string.Join(' ', random.Sample(population, count)));
    }

    [Fact]
    public void Unpack_OfBzip_GivesBackTheTextAndRefusesDamage()
    {
        byte[] packed = Convert.FromBase64String(
            "QlpoOTFBWSZTWXQfL1YAABDRgARQQAA7abbAIABQphNNAaYhH6qgyGjQ09Siikul1myqIrHG6I4aLrs2HztKWFVmSUw/F3JFOFCQdB8vVg==");
        string text = string.Concat(Enumerable.Repeat("aaaaaaaaaaaabbbbbbbb the quick brown fox ", 3)) + "\n";
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(BzipReader.Unpack(packed)));
        for (int i = 0; i < packed.Length; i++)
        {
            byte[] damaged = [.. packed];
            damaged[i] ^= 0x10;
            // A damaged table entry may belong to no symbol of the text; the checksums cover the text itself.
            string? read = null;
            Exception? fault = Record.Exception(() => read = System.Text.Encoding.UTF8.GetString(BzipReader.Unpack(damaged)));
            Assert.True(fault is InvalidDataException || read == text, $"byte {i}: {fault?.GetType().Name ?? read}");
        }

        Assert.Throws<InvalidDataException>(() => BzipReader.Unpack(packed[..^8]));
    }

    private static TaskData Published => TaskData.Directory(EvalData.PathOf(".")!);
}
