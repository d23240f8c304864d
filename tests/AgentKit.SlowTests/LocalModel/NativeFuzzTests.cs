using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

/// <summary>Whatever a file or a request holds, it ends in a typed error or in work done. A native abort would end this test process.</summary>
public sealed class NativeFuzzTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agentkit-fuzz-");

    [NativeFact]
    public async Task Open_MutatedFiles_AreRefusedOrWork()
    {
        byte[] shipped = await File.ReadAllBytesAsync(ShippedModel.Path);
        byte[] generated = TestModel.CreateBytes();
        int refused = 0;
        int worked = 0;
        foreach ((string name, byte[] bytes) in GgufMutator.Mutate(shipped, 200, seed: 1).Concat(GgufMutator.Mutate(generated, 400, seed: 2)))
        {
            string path = Path.Combine(_folder.FullName, "model.gguf");
            await File.WriteAllBytesAsync(path, bytes);
            try
            {
                await UseAsync(path);
                worked++;
            }
            catch (Exception e) when (e is UserInputException or NativeRuntimeException)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Message), name);
                refused++;
            }
        }

        // Both outcomes must occur, or the corpus tests nothing.
        Assert.True(refused > 100 && worked > 20, $"{refused} refused, {worked} worked");
    }

    [NativeFact]
    public async Task GetResponse_MutatedRequests_AreRefusedOrAnswered()
    {
        using LocalModel model = LocalModel.Open(ShippedModel.Path, new() { Parallel = 4, ContextLength = 256, BatchSize = 32, Threads = 1 });
        RequestMutator mutator = new(seed: 4);
        int refused = 0;
        int answered = 0;
        for (int i = 0; i < 250; i++)
        {
            (List<ChatMessage> messages, ChatOptions options) = mutator.Next();
            try
            {
                ChatResponse response = await model.GetResponseAsync(messages, options);
                Assert.NotNull(response.FinishReason);
                answered++;
            }
            catch (UserInputException e)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Message));
                refused++;
            }
        }

        Assert.True(refused > 20 && answered > 20, $"{refused} refused, {answered} answered");
        Assert.Equal("still fine", (await model.GetResponseAsync("Repeat: still fine")).Text);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task UseAsync(string path)
    {
        using LocalModel model = LocalModel.Open(path, new() { Parallel = 2, BatchSize = 32, Threads = 1 });
        model.Tokenizer.Encode("Hello <|im_start|> wörld 123", addSpecial: true, parseSpecial: true);
        await model.GetResponseAsync("Hello 123", new() { MaxOutputTokens = 4 });
        await model.GenerateAsync(["a text"]);
    }
}
