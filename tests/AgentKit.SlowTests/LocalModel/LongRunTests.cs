using AgentKit.Models;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.SlowTests.Models;

/// <summary>llama.cpp overflows its stack on these texts when they are not cut; that would end this process.</summary>
public sealed class LongRunTests
{
    [NativeTheory]
    [InlineData("default")]
    [InlineData("falcon")]
    [InlineData("tekken")]
    [InlineData("qwen2")]
    public void Encode_LongRunOfOneCharacter_DecodesToItself(string preTokenizer)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("agentkit-runs-");
        try
        {
            string path = TestModel.Create(Path.Combine(folder.FullName, "model.gguf"), new() { PreTokenizer = preTokenizer });
            using LocalModel model = LocalModel.Open(path, new() { Parallel = 1, Threads = 1 });
            foreach (string text in (string[])[new('a', 60_000), new(' ', 60_000), new('=', 60_000), new('7', 60_000)])
            {
                Assert.Equal(text, model.Tokenizer.Decode(model.Tokenizer.Encode(text)));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
