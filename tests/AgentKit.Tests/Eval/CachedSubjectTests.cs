using System.Text.Json;
using AgentKit.Eval;
using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Eval;

public sealed class CachedSubjectTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_SecondRun_ComputesNothingAndWritesTheSameFiles()
    {
        EvalTask[] Tasks() => [TaskCatalog.Find("arc_easy"), TaskCatalog.Find("gsm8k"), TaskCatalog.Find("winogrande")];
        await new EvalRun(new ScriptedSubject()).RunAsync(Tasks(), TaskData.Samples, _folder["plain"]);
        var first = new ScriptedSubject();
        using (var cached = new CachedSubject(first, _folder["cache"]))
            await new EvalRun(cached).RunAsync(Tasks(), TaskData.Samples, _folder["first"]);
        var second = new ScriptedSubject();
        using (var cached = new CachedSubject(second, _folder["cache"]))
        {
            await new EvalRun(cached).RunAsync(Tasks(), TaskData.Samples, _folder["second"]);
            Assert.Equal(0, cached.Computed);
        }

        Assert.NotEmpty(first.Scored);
        Assert.NotEmpty(first.Generated);
        Assert.Empty(second.Scored);
        Assert.Empty(second.Generated);
        foreach (string file in Directory.EnumerateFiles(_folder["plain"]).Select(path => Path.GetFileName(path)))
        {
            Assert.Equal(File.ReadAllBytes(_folder[$"plain/{file}"]), File.ReadAllBytes(_folder[$"first/{file}"]));
            Assert.Equal(File.ReadAllBytes(_folder[$"plain/{file}"]), File.ReadAllBytes(_folder[$"second/{file}"]));
        }
    }

    [Fact]
    public async Task GenerateAsync_Drawn_IsNeverKeptNorWhatFollowsIt()
    {
        var subject = new ScriptedSubject();
        for (int run = 1; run <= 2; run++)
        {
            using var cached = new CachedSubject(subject, _folder["cache"]);
            await cached.ResetAsync();
            await cached.GenerateAsync(Request("a") with { Temperature = 0.7f });
            await cached.GenerateAsync(Request("b"));
            Assert.Equal(2 * run, subject.Generated.Count);
        }
    }

    [Fact]
    public async Task GenerateAsync_Fails_IsAskedAgain()
    {
        int asked = 0;
        var subject = new ScriptedSubject { Reply = _ => ++asked == 1 ? throw new IOException("gone") : new("text") };
        using var cached = new CachedSubject(subject, _folder["cache"]);
        await Assert.ThrowsAsync<IOException>(() => cached.GenerateAsync(Request("a")));
        await cached.ResetAsync();
        Assert.Equal("text", (await cached.GenerateAsync(Request("a"))).Text);
        await cached.ResetAsync();
        Assert.Equal("text", (await cached.GenerateAsync(Request("a"))).Text);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task GenerateAsync_NewRequestAfterKeptOnes_TheModelReadsThoseFirst()
    {
        using (var cached = new CachedSubject(new ScriptedSubject(), _folder["cache"]))
            await cached.GenerateAsync(Request("a"));
        var subject = new ScriptedSubject();
        using var again = new CachedSubject(subject, _folder["cache"]);
        await again.ResetAsync();
        await again.GenerateAsync(Request("a"));
        Assert.Empty(subject.Generated);
        await again.GenerateAsync(Request("c"));
        Assert.Equal(["a", "c"], subject.Generated.Select(request => request.Prompt.Text));
    }

    [Fact]
    public async Task GenerateAsync_OtherRequest_IsAnotherOne()
    {
        var subject = new ScriptedSubject { Reply = _ => new("", [new("1", "f", null), new("2", "g", JsonSerializer.SerializeToElement(new { a = 1 }))], "stop") };
        GenerateRequest[] requests =
        [
            Request("a"), Request("b"), Request("a") with { MaxTokens = 7 }, Request("a") with { Until = ["x"] },
            Chat(new ChatMessage(ChatRole.User, "a")), Chat(new ChatMessage(ChatRole.System, "a")),
            Chat(new(ChatRole.User, "a"), new(ChatRole.User, "a")),
            Chat(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["x"] = 1 })])),
            Chat(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["x"] = 2 })])),
            Chat(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", "r")])),
            Request("a") with { Tools = [AIFunctionFactory.CreateDeclaration("f", "d", JsonSerializer.SerializeToElement(new { }))] },
        ];
        for (int run = 0; run < 2; run++)
        {
            using var cached = new CachedSubject(subject, _folder["cache"]);
            foreach (GenerateRequest request in requests)
            {
                await cached.ResetAsync();
                SubjectReply reply = await cached.GenerateAsync(request);
                Assert.Equal(("f", 1), (reply.Calls[0].Name, reply.Calls[1].Arguments!.Value.GetProperty("a").GetInt32()));
                Assert.Null(reply.Calls[0].Arguments);
            }
        }

        Assert.Equal(requests.Length, subject.Generated.Count);
    }

    [Fact]
    public async Task Open_LineCutOffByAKill_IsComputedAgain()
    {
        string path;
        using (var cached = new CachedSubject(new ScriptedSubject(), _folder["cache"]))
        {
            path = cached.Path;
            await cached.GenerateAsync(Request("a"));
        }

        byte[] bytes = File.ReadAllBytes(path);
        for (int length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(path, bytes[..length]);
            using var cached = new CachedSubject(new ScriptedSubject(), _folder["cache"]);
            Assert.Equal("a", (await cached.GenerateAsync(Request("a"))).Text);
            Assert.Equal(1, cached.Computed);
        }

        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void Open_DamagedOrInUse_IsRefused()
    {
        string path;
        using (var cached = new CachedSubject(new ScriptedSubject(), _folder["cache"]))
        {
            path = cached.Path;
            UserInputException held = Assert.Throws<UserInputException>(() => new CachedSubject(new ScriptedSubject(), _folder["cache"]));
            Assert.Contains("another process", held.Message, StringComparison.Ordinal);
        }

        File.AppendAllText(path, "{\"key\": 1}\n");
        UserInputException damaged = Assert.Throws<UserInputException>(() => new CachedSubject(new ScriptedSubject(), _folder["cache"]));
        Assert.Contains("line 2", damaged.Message, StringComparison.Ordinal);
    }

    private static GenerateRequest Request(string text) => new("1", EvalPrompt.Plain(text));

    private static GenerateRequest Chat(params ChatMessage[] messages) => new("1", EvalPrompt.Chat(messages));
}
