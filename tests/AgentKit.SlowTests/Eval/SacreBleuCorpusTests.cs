using AgentKit.Testing;

namespace AgentKit.SlowTests.Eval;

public class SacreBleuCorpusTests
{
    [EvalDataFact(SacreBleuGolden.Folder)]
    public void Corpus_AllSystems_HaveThePublishedScoresAndSignatures()
    {
        Assert.Equal(16, SacreBleuGolden.Systems.Count());
        foreach (string system in SacreBleuGolden.Systems) SacreBleuGolden.CheckSystem(system);
    }
}
